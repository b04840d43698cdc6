/** Asks the workers of a gateway, or the bare proxy, what `worker-probe.ts` sees inside them. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Flags of Node that a gateway must have been started with. */
export const probeOptions = ['--expose-gc', '--import', fileURLToPath(new URL('worker-probe.ts', import.meta.url))];

export interface Probed {
  readonly pid: number;
  /** Since the last question. */
  readonly longestBlockMs: number;
  /** After a forced collection. */
  readonly heapMb: number;
  /** Buffers, mostly. */
  readonly externalMb: number;
}

const POLL_MS = 5;
const WITHIN_MS = 5000;

/** @param folder the one they run in */
export function probe(folder: string, pids: readonly number[]): Promise<Probed[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const file = join(folder, `probe-${pid}.json`);
      rmSync(file, { force: true });
      process.kill(pid, 'SIGUSR2');
      const giveUpAt = performance.now() + WITHIN_MS;
      while (!existsSync(file)) {
        if (performance.now() > giveUpAt) throw new Error(`worker ${pid} does not answer its probe`);
        await pause(POLL_MS);
      }
      return { pid, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Probed, 'pid'>) };
    }),
  );
}
