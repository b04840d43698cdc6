/**
 * The built gateway as a process of its own, for measurements: what ships (`dist`), with logs to a file, as in service.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Status } from '../../src/primary/admin/status.ts';
import { endWithThis, killGroup } from './program.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Ports {
  readonly port: number;
  readonly adminPort: number;
}

export interface GatewayUnderTest {
  /** The primary's process, and the number of the group that all its workers are in. */
  readonly pid: number;
  readonly url: string;
  readonly adminPort: number;
  readonly adminUrl: string;
  /** From its start until it says that it serves, in ms. */
  readonly bootMs: number;
  /** Its own, with `headgate.yaml` and its `log` in it; gone after the stop. */
  readonly folder: string;
  status(): Promise<Status>;
  metrics(): Promise<string>;
  /** Lets it end in order, as after a SIGTERM; its folder stays. */
  finish(): Promise<void>;
  /** Ends it and whatever is left of its workers. */
  stop(): Promise<void>;
}

/**
 * Starts it with a configuration in the shape of the file; rejects with its log if it does not serve within 20 s.
 *
 * @param nodeOptions flags of Node for the primary and, through it, for its workers
 * @param ports those that the configuration names, for a gateway whose log does not say when it serves
 */
export async function startBuilt(
  config: Readonly<Record<string, unknown>>,
  nodeOptions: readonly string[] = [],
  ports: Ports | null = null,
): Promise<GatewayUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
  const file = join(folder, 'headgate.yaml');
  const log = join(folder, 'log');
  writeFileSync(file, JSON.stringify(config));
  const output = openSync(log, 'w');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, join(root, 'dist/cli/main.js'), 'serve', '--config', file], {
    cwd: folder,
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  endWithThis(child.pid);
  try {
    const runs = () => child.exitCode === null;
    const { port, adminPort } = ports === null ? await served(log, runs) : await servedOn(ports, runs);
    const adminUrl = `http://127.0.0.1:${adminPort}`;
    return {
      pid: child.pid ?? 0,
      url: `http://127.0.0.1:${port}`,
      adminUrl,
      adminPort,
      bootMs: performance.now() - startedAt,
      folder,
      status: async () => (await (await fetch(`${adminUrl}/api/status`)).json()) as never,
      metrics: async () => (await fetch(`${adminUrl}/metrics`)).text(),
      finish: async () => {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      },
      stop: () => stop(child, folder),
    };
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
}

/** The ports in the log of a gateway, as soon as it serves; rejects with the log after 20 s or when it has ended. */
export async function served(log: string, runs: () => boolean): Promise<Ports> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt && runs()) {
    const line = readFileSync(log, 'utf8')
      .split('\n')
      .find((text) => text.includes('"msg":"serving"'));
    if (line !== undefined) return JSON.parse(line) as Ports;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`the gateway does not serve: ${readFileSync(log, 'utf8')}`);
}

async function servedOn(ports: Ports, runs: () => boolean): Promise<Ports> {
  const giveUpAt = performance.now() + 20_000;
  while (performance.now() < giveUpAt && runs()) {
    const ready = await fetch(`http://127.0.0.1:${ports.adminPort}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return ports;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`the gateway does not serve on port ${ports.port}`);
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    // The second signal ends it at once: a measurement has no request worth waiting for.
    setTimeout(() => child.kill('SIGTERM'), 100).unref();
    await exited;
  }
  if (child.pid !== undefined) killGroup(child.pid);
  rmSync(folder, { recursive: true, force: true });
}

/** Resident memory of a process in MB, from /proc. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** The same of several processes together. */
export function residentTotal(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + residentMb(pid), 0);
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Nearest rank; `share` 0..1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
