/**
 * A gateway as a process: its folder, its output, its end. It leads a process group of its own, so that `end` leaves
 * nothing behind, orphans included.
 *
 * From its source it writes to pipes, which the parent reads. What ships writes its log to a file, as in service, so
 * that a measurement of it pays for nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ProcessGroup } from '../processes/process-group.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { commandScript } from './checkout.ts';
import type { ConfigInput } from './gateway-config.ts';

/** How the process is started. */
export interface ProcessOptions {
  /** Start what ships (`dist`) instead of the sources. Default false. */
  readonly built?: boolean;
  /** Flags of Node for the primary and, through it, for its workers. */
  readonly nodeOptions?: readonly string[];
  /** Opens an IPC channel, as pm2 does. Default false. */
  readonly ipc?: boolean;
  /** The working folder. Default: that of the configuration. */
  readonly workingFolder?: string;
  /** Start in the folder of another gateway, as its successor. Default: a folder of its own. */
  readonly after?: GatewayProcess;
  /** A descriptor for what it writes to standard output. Default: a pipe, or the file of what ships. */
  readonly standardOutput?: number;
  /** The command's script of another version. Default: that of this checkout. */
  readonly program?: string;
  /** Variables beside those of this process, whose proxies are left out: they do not know a provider on loopback. */
  readonly environment?: Readonly<Record<string, string>>;
}

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);

interface GatewayExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errorOutput: string;
}

/** The process and its group. */
export class GatewayProcess {
  /** The working folder, with `headgate.yaml` in it and, of what ships, the file `log`. Removed at the end. */
  readonly folder: string;
  readonly configFile: string;
  readonly child: ChildProcess;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly exited: Promise<GatewayExit>;
  readonly #group: ProcessGroup;
  readonly #removeFolder: () => void;
  readonly #logFile: string | null;
  #output = '';
  #errorOutput = '';

  constructor(config: ConfigInput, options: ProcessOptions) {
    const {
      built = false,
      nodeOptions = [],
      ipc = false,
      workingFolder,
      after,
      standardOutput,
      program,
      environment,
    } = options;
    const { folder, remove } =
      after === undefined ? temporaryFolder('gateway') : { folder: after.folder, remove: () => undefined };
    this.folder = folder;
    this.#removeFolder = remove;
    this.configFile = path.join(folder, 'headgate.yaml');
    this.#logFile = built ? path.join(folder, 'log') : null;
    this.writeConfig(config);
    const output = this.#logFile === null ? 'pipe' : openSync(this.#logFile, 'w');
    this.startedAt = performance.now();
    const script = program ?? commandScript(built);
    const inherited = Object.entries(process.env).filter(([name]) => !proxyVariables.includes(name));
    this.child = spawn(process.execPath, [...nodeOptions, script, 'serve', '--config', this.configFile], {
      cwd: workingFolder ?? folder,
      env: { ...Object.fromEntries(inherited), ...environment },
      stdio: ['ignore', standardOutput ?? output, output, ...(ipc ? (['ipc'] as const) : [])],
      // A group of its own: a signal to the group is what a terminal's Ctrl-C does.
      detached: true,
    });
    if (typeof output === 'number') closeSync(output);
    this.#group = new ProcessGroup(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errorOutput += text;
    });
    this.exited = once(this.child, 'exit').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      errorOutput: this.#errorOutput,
    }));
  }

  /** The primary's pid, which is also the number of the group. */
  get pid(): number {
    return this.#group.pid;
  }

  get hasEnded(): boolean {
    return this.#group.hasEnded;
  }

  /** All that its processes have written so far; of what ships, errors included. */
  get output(): string {
    return this.#logFile === null ? this.#output : readFileSync(this.#logFile, 'utf8');
  }

  get errorOutput(): string {
    return this.#errorOutput;
  }

  /** Replaces the configuration file; it takes effect with the next reload. */
  writeConfig(config: ConfigInput): void {
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  /** The first line of its log with that message, as an object. */
  logged(message: string): Readonly<Record<string, unknown>> | undefined {
    return this.log().find((line) => line.msg === message);
  }

  /** All whole lines of its log so far. */
  log(): readonly Readonly<Record<string, unknown>>[] {
    const lines = this.output.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Sends a signal to the primary. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal to the primary and all workers. */
  signalGroup(signal: NodeJS.Signals): void {
    this.#group.signal(signal);
  }

  /** Asks it to stop (SIGTERM) and waits for its end. Its folder stays. */
  async stop(): Promise<GatewayExit> {
    this.signal('SIGTERM');
    return this.exited;
  }

  /** Pids of its group that still run, the primary included. */
  processes(): readonly number[] {
    return this.#group.members();
  }

  /** Kills all its processes and removes its folder. */
  async end(): Promise<void> {
    await this.#group.end();
    this.#removeFolder();
  }
}
