/** Programs that a measurement needs. Each gets a process group of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import type { Readable } from 'node:stream';
import { eventually } from './eventually.ts';
import { ProcessGroup } from './process-group.ts';

const READY_WITHIN_MS = 30_000;
/** Short, because it limits how exactly a start is timed. */
const LOOK_EVERY_MS = 2;

/** A program that is ready. */
export interface Program {
  readonly pid: number;
  /** From its start until it was ready, in ms. */
  readonly bootMs: number;
  end(): Promise<void>;
}

/** Whether a command of that name can be run here. */
export function isInstalled(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** Starts a program and waits until it accepts connections on `port`. Rejects with its output if it never does. */
export async function startOnPort(command: string, args: readonly string[], port: number): Promise<Program> {
  const startedAt = performance.now();
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const group = new ProcessGroup(child);
  const output = lastOf(child.stdout, child.stderr);
  const serves = async () => {
    if (group.hasEnded) throw new Error('it has ended');
    return accepts(port);
  };
  try {
    await eventually('it accepts connections', serves, READY_WITHIN_MS, LOOK_EVERY_MS);
  } catch (cause) {
    await group.end();
    throw new Error(`${command} does not serve on port ${port}: ${output()}`, { cause });
  }
  return { pid: group.pid, bootMs: performance.now() - startedAt, end: () => group.end() };
}

/** How a script is started with Node. */
export interface ScriptOptions {
  /** Flags of Node. */
  readonly nodeOptions?: readonly string[];
  /** Its working folder. Default: that of this process. */
  readonly folder?: string;
}

/** Starts a script with Node. The script must print its port as its first line. */
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
  const group = new ProcessGroup(child);
  const [line] = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`${script} ended before it served`);
    }),
  ])) as [Buffer];
  const bootMs = performance.now() - startedAt;
  return { pid: group.pid, port: Number(line.toString()), bootMs, end: () => group.end() };
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

/** The last 2,000 characters of these streams. They are read continuously, so that the program never waits. */
function lastOf(...streams: readonly Readable[]): () => string {
  let text = '';
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-2000);
    });
  }
  return () => text;
}
