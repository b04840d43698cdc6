/**
 * The built gateway as a process of its own, for measurements: what ships (`dist`), with logs to a file, as in service.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface GatewayUnderTest {
  readonly pid: number;
  readonly url: string;
  readonly adminUrl: string;
  /** From its start until it says that it serves, in ms. */
  readonly bootMs: number;
  status(): Promise<{ workers: { slot: number; pid: number; state: string }[] }>;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it with a configuration in the shape of the file; rejects with its log if it does not serve within 20 s. */
export async function startBuilt(config: Readonly<Record<string, unknown>>): Promise<GatewayUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
  const file = join(folder, 'headgate.yaml');
  const log = join(folder, 'log');
  writeFileSync(file, JSON.stringify(config));
  const output = openSync(log, 'w');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'serve', '--config', file], {
    cwd: folder,
    stdio: ['ignore', output, output],
  });
  try {
    const line = await served(child, log);
    const url = `http://127.0.0.1:${line.port}`;
    const adminUrl = `http://127.0.0.1:${line.adminPort}`;
    return {
      pid: child.pid ?? 0,
      url,
      adminUrl,
      bootMs: performance.now() - startedAt,
      status: async () => (await (await fetch(`${adminUrl}/api/status`)).json()) as never,
      metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
      stop: () => stop(child, folder),
    };
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
}

async function served(child: ChildProcess, log: string): Promise<{ port: number; adminPort: number }> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    const line = readFileSync(log, 'utf8')
      .split('\n')
      .find((text) => text.includes('"msg":"serving"'));
    if (line !== undefined) return JSON.parse(line) as { port: number; adminPort: number };
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`the gateway does not serve: ${readFileSync(log, 'utf8')}`);
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    // The second signal ends it at once: a measurement has no request worth waiting for.
    setTimeout(() => child.kill('SIGTERM'), 100).unref();
    await exited;
  }
  rmSync(folder, { recursive: true, force: true });
}

/** Resident memory of a process in MB, from /proc. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank; `share` 0..1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
