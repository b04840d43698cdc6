/**
 * A pm2 of its own: its daemon, its logs and the folder that it is called in are nobody else's, and gone afterwards.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'node_modules', 'pm2', 'bin', 'pm2');

/** The machine's own Node, often an older one; the one that runs this where there is no other. */
const machinesNode =
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .find((candidate) => existsSync(candidate)) ?? process.execPath;

export interface Pm2Process {
  readonly pm2_env: { readonly status: string; readonly restart_time: number; readonly exit_code?: number };
}

export class Pm2 {
  readonly folder = mkdtempSync(join(tmpdir(), 'headgate-pm2-'));

  /** Runs one command of pm2 and resolves with what it printed. */
  async order(...given: string[]): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: this.folder, PM2_HOME: join(this.folder, 'pm2') };
    const { stdout } = await run(machinesNode, [program, ...given], { cwd: this.folder, env });
    return stdout;
  }

  /** Starts the gateway by its ecosystem file; resolves when it serves, or has ended. */
  start(): Promise<string> {
    return this.order('start', join(root, 'ecosystem.config.js'));
  }

  /** The gateway as pm2 lists it. */
  async listed(): Promise<Pm2Process | undefined> {
    const list: Pm2Process[] = JSON.parse(await this.order('jlist', '--silent'));
    return list[0];
  }

  /** Path of the gateway's log. */
  log(stream: 'out' | 'error'): string {
    return join(this.folder, 'pm2', 'logs', `headgate-${stream}-0.log`);
  }

  /** Ends the daemon and what it runs. */
  async end(): Promise<void> {
    await this.order('kill');
    rmSync(this.folder, { recursive: true });
  }
}
