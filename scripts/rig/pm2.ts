/**
 * A pm2 of its own, with a private home and daemon. `end` kills every process that was started with that home and
 * removes it, even if pm2 itself has lost track of them; so does the end of this process.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import { atExit } from '../processes/clean-up.ts';
import { eventually } from '../processes/eventually.ts';
import { allPids, environmentOf } from '../processes/proc-files.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { root } from './checkout.ts';

const command = path.join(root, 'node_modules', 'pm2', 'bin', 'pm2');
const COMMAND_LIMIT_MS = 20_000;

/** What pm2 knows of one application. */
interface Application {
  /** 0 while it does not run. */
  readonly pid: number;
  readonly status: string;
  readonly restarts: number;
  readonly exitCode: number | null;
  /** All that it has written to stdout so far. */
  readonly output: string;
  readonly errorOutput: string;
}

/** The PATH without the folders that npm adds, as users of pm2 have it. */
const machinePath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.includes('node_modules'));

/** The machine's own Node, on which pm2 usually runs; if there is none, the Node of this process. */
export function machineNode(): string {
  return machinePath.map((folder) => path.join(folder, 'node')).find(isExecutable) ?? process.execPath;
}

/** One pm2 with its home. */
export class Pm2 {
  readonly #temporary = temporaryFolder('pm2');
  /** The working folder of all commands; pm2's home is in it. */
  readonly folder = this.#temporary.folder;
  readonly #home = path.join(this.folder, 'home');
  readonly #node: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #cancel = atExit(() => {
    // A daemon that is being killed may still start an application.
    for (let tries = 0; tries < 10 && this.#kill() > 0; tries += 1);
  });

  /**
   * @param node the program that pm2 runs on
   * @param environment variables that applications see, beside the PATH
   */
  constructor(node: string = machineNode(), environment: Readonly<Record<string, string>> = {}) {
    this.#node = node;
    this.#environment = {
      PATH: machinePath.join(path.delimiter),
      HOME: this.folder,
      PM2_HOME: this.#home,
      ...environment,
    };
  }

  /** Runs a command of pm2. Resolves with its output, whether or not it succeeded. */
  run(...given: readonly string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.#environment, timeout: COMMAND_LIMIT_MS };
    return new Promise((resolve) => {
      execFile(this.#node, [command, ...given], options, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  }

  /** Starts the gateway by the ecosystem file that ships. Resolves when it serves or has ended. */
  start(): Promise<string> {
    return this.run('start', path.join(root, 'ecosystem.config.js'));
  }

  /** The application of that name; undefined if pm2 has none. */
  async application(name: string): Promise<Application | undefined> {
    const output = await this.run('jlist');
    // If the daemon had to be started first, its messages precede the list.
    const list = JSON.parse(output.slice(output.lastIndexOf('\n[') + 1)) as {
      name: string;
      pid: number;
      pm2_env: {
        status: string;
        restart_time: number;
        exit_code?: number;
        pm_out_log_path: string;
        pm_err_log_path: string;
      };
    }[];
    const found = list.find((application) => application.name === name);
    if (found === undefined) return undefined;
    const { status, restart_time, exit_code, pm_out_log_path, pm_err_log_path } = found.pm2_env;
    return {
      pid: found.pid,
      status,
      restarts: restart_time,
      exitCode: exit_code ?? null,
      output: readFileSync(pm_out_log_path, 'utf8'),
      errorOutput: readFileSync(pm_err_log_path, 'utf8'),
    };
  }

  /** Pids of every process that has inherited this home: the daemon, its applications, their children. */
  processes(): readonly number[] {
    return allPids().filter((pid) => environmentOf(pid).includes(`PM2_HOME=${this.#home}\0`));
  }

  /** Kills all these processes and removes the folder. */
  async end(): Promise<void> {
    await eventually('everything of this pm2 is gone', () => this.#kill() === 0);
    this.#cancel();
    this.#temporary.remove();
  }

  /** Returns how many processes there were to kill. */
  #kill(): number {
    const left = this.processes();
    for (const pid of left) kill(pid);
    return left.length;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // It is not in this folder; the next one may have it.
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
