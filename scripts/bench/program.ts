/** Programs that a measurement starts beside itself, each as a process (group) of its own that is ended with it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const READY_WITHIN_MS = 30_000;

const groups = new Set<number>();

/** Whoever ends a run early, by a signal or an exception, leaves nobody behind. */
process.on('exit', () => {
  for (const group of groups) killGroup(group);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Has the process group of that number killed when this process exits, unless it is forgotten before. */
export function endWithThis(group: number | undefined): void {
  if (group !== undefined) groups.add(group);
}

/** Gives `use` a folder that is gone when it is over, and also when this process ends before. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // After the processes that write there, which are killed by the listener that was there before.
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** Kills whoever is left of a process group. */
export function killGroup(group: number): void {
  groups.delete(group);
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

export interface Program {
  readonly pid: number;
  /** From its start until it was ready, in ms. */
  readonly bootMs: number;
  stop(): Promise<void>;
}

/** Whether a command of that name can be run here. */
export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** Starts a program that is ready when it takes connections on `port`; rejects with what it wrote if it never does. */
export async function startOnPort(command: string, args: readonly string[], port: number): Promise<Program> {
  const startedAt = performance.now();
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithThis(child.pid);
  const written = lastOf(child.stdout, child.stderr);
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() - startedAt > READY_WITHIN_MS) {
      await endGroup(child);
      throw new Error(`${command} does not serve on port ${port}: ${written()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { pid: child.pid ?? 0, bootMs: performance.now() - startedAt, stop: () => endGroup(child) };
}

/** How a script of Node's is started. */
export interface ScriptOptions {
  /** Flags of Node. */
  readonly nodeOptions?: readonly string[];
  /** Its working folder, by default this process's own. */
  readonly folder?: string;
}

/** Starts a script of Node's that prints its port on its first line. */
export async function startOnOwnPort(
  script: string,
  args: readonly string[],
  { nodeOptions = [], folder = '.' }: ScriptOptions = {},
): Promise<Program & { readonly port: number }> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, script, ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithThis(child.pid);
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`${script} ended before it served`);
    }),
  ])) as [Buffer];
  const bootMs = performance.now() - startedAt;
  return { pid: child.pid ?? 0, port: Number(line.toString()), bootMs, stop: () => endGroup(child) };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** The last 2,000 characters written to any of these streams, which are read so that nobody has to wait. */
function lastOf(...streams: readonly Readable[]): () => string {
  let text = '';
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-2000);
    });
  }
  return () => text;
}

/** Kills a program with its whole group; resolves when it is gone. */
export async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  killGroup(child.pid);
  await exited;
}
