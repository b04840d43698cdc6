/**
 * A pm2 of its own: private home, private daemon. `end` ends whatever lives by that home and removes it, also when
 * pm2 itself has lost count.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const command = path.join(root, 'node_modules', 'pm2', 'bin', 'pm2');
const COMMAND_LIMIT_MS = 20_000;

/** What pm2 knows of one application. */
export interface Application {
  /** 0 while it does not run. */
  readonly pid: number;
  readonly status: string;
  readonly restarts: number;
  readonly exitCode: number | null;
  /** All that it has written so far. */
  readonly output: string;
  readonly errorOutput: string;
}

/** The PATH without what packages have put there, as users of pm2 have it. */
const machinePath = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.includes('node_modules'));

/** The machine's own Node, which pm2 usually runs on; this process' Node where there is no other. */
export function machineNode(): string {
  return machinePath.map((folder) => path.join(folder, 'node')).find(isExecutable) ?? process.execPath;
}

export class Pm2 {
  /** Where commands are called; pm2's home is in it. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'headgate-pm2-'));
  readonly #home = path.join(this.folder, 'home');
  readonly #node: string;
  readonly #environment: Readonly<Record<string, string>>;

  /**
   * @param node what pm2 runs on
   * @param environment what applications see, beside the PATH
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

  /** Runs a command of pm2's; resolves with what it wrote, whether it succeeded or not. */
  run(...given: readonly string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.#environment, timeout: COMMAND_LIMIT_MS };
    return new Promise((resolve) => {
      execFile(this.#node, [command, ...given], options, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
  }

  /** Starts the gateway by the ecosystem file that ships; resolves when it serves, or has ended. */
  start(): Promise<string> {
    return this.run('start', path.join(root, 'ecosystem.config.js'));
  }

  /** The application of that name; undefined where pm2 has none. */
  async application(name: string): Promise<Application | undefined> {
    const output = await this.run('jlist');
    // A daemon that has to be started first says so before the list.
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

  /** Every process that has inherited this home: the daemon, its applications, their children. */
  processes(): readonly number[] {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return pids.filter((pid) => environmentOf(pid).includes(`PM2_HOME=${this.#home}\0`));
  }

  async end(): Promise<void> {
    await eventually('everything of this pm2 is gone', () => {
      const left = this.processes();
      for (const pid of left) kill(pid);
      return left.length === 0;
    });
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not here: the next folder may have it.
    return false;
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It ended while we looked.
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
