/**
 * Runs inside a gateway under test, or the bare proxy, by `--import`: on SIGUSR2 whoever serves there collects its
 * garbage and writes what it holds and how long its event loop was blocked at most since it was last asked, to
 * `probe-PID.json` in its working folder. To a gateway's primary that signal means something else.
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
    // Read before the collection, which blocks the loop itself.
    const longestBlockMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    const file = `probe-${process.pid}.json`;
    writeFileSync(
      `${file}.new`,
      JSON.stringify({ longestBlockMs, heapMb: heapUsed / 2 ** 20, externalMb: external / 2 ** 20 }),
    );
    renameSync(`${file}.new`, file);
    // Past the turn that the collection held up.
    setTimeout(() => delay.reset(), 20).unref();
  });
}
