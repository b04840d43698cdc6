/** Asks the workers of a gateway, or the bare proxy, for the measurements that `worker-probe.ts` makes inside them. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../processes/eventually.ts';

/** Flags of Node with which the gateway or proxy must have been started. */
export const probeOptions = ['--expose-gc', '--import', fileURLToPath(new URL('worker-probe.ts', import.meta.url))];

interface Probed {
  readonly pid: number;
  /** Since the last question. */
  readonly longestBlockMs: number;
  /** After a forced collection. */
  readonly heapMb: number;
  /** Buffers, mostly. */
  readonly externalMb: number;
}

/** Asks each of these processes. @param folder their working folder */
export function probe(folder: string, pids: readonly number[]): Promise<Probed[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const file = join(folder, `probe-${pid}.json`);
      rmSync(file, { force: true });
      process.kill(pid, 'SIGUSR2');
      await eventually(`worker ${pid} answers its probe`, () => existsSync(file));
      return { pid, ...(JSON.parse(readFileSync(file, 'utf8')) as Omit<Probed, 'pid'>) };
    }),
  );
}
