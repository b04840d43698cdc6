/** A gateway of the command's own, in a process and a folder of its own, for a wall that needs nothing else. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../shared/clock.ts';
import { parseJson } from '../../shared/json.ts';
import { CommandError } from '../failures.ts';
import { fieldOf } from './faces/face.ts';

const entry = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url));
const STARTS_WITHIN_MS = 30_000;
const ENDS_WITHIN_MS = 10_000;

export interface OwnGateway {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one on free ports. Throws `CommandError` if it does not serve. @param yaml its configuration */
export async function startOwnGateway(yaml: string): Promise<OwnGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-wall-'));
  const file = join(folder, 'headgate.yaml');
  writeFileSync(file, yaml);
  const command = [entry, 'serve', '--config', file, '--port', '0', '--admin-port', '0', '--workers', '2'];
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { url: `http://127.0.0.1:${await servedPort(child)}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function servedPort(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = systemClock.after(STARTS_WITHIN_MS, () => fail('it does not serve'));
    const fail = (why: string) => {
      late.cancel();
      reject(new CommandError(`the gateway of the wall did not start: ${why}`));
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail('it has ended'));
    // Read to the end, so that it is never held up.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const entry = parseJson(line);
      const port = fieldOf(entry, 'port');
      if (fieldOf(entry, 'msg') !== 'serving' || typeof port !== 'number') return;
      late.cancel();
      resolve(port);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const kill = systemClock.after(ENDS_WITHIN_MS, () => child.kill('SIGKILL'));
  await ended;
  kill.cancel();
}
