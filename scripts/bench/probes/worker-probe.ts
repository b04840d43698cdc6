/**
 * Preloaded with `--import` into a measured gateway or the bare proxy. On SIGUSR2 each process that serves requests
 * collects its garbage and writes `probe-PID.json` into its working folder: the memory that remains in use, and the
 * longest block of its event loop since the last such signal. A gateway's primary ignores this file: there SIGUSR2
 * starts a roll.
 */
import cluster from 'node:cluster';
import { renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 1;

if (cluster.isWorker || basename(process.argv[1] ?? '') === 'bare.ts') {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on('SIGUSR2', () => {
    // Read before the collection, which itself blocks the loop.
    const longestBlockMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const file = `probe-${process.pid}.json`;
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ longestBlockMs, heapMb: heapUsed / 2 ** 20, externalMb: external / 2 ** 20 }),
    );
    renameSync(`${file}.new`, file);
    // Only after the turn that the collection has blocked.
    setTimeout(() => delay.reset(), 20).unref();
  });
}
