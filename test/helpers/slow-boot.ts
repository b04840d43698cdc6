/**
 * Preloaded into a gateway's processes: slows down the boot of its workers, as their host may. By files in the folder
 * in `HEADGATE_SLOW_BOOT`, which is read at each boot:
 *
 * - `hang`: nothing happens any more.
 * - `starve`: for 11 seconds the worker gets a tenth of a processor.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = process.env.HEADGATE_SLOW_BOOT ?? '';
const isWorker = process.env.HEADGATE_WORKER !== undefined;
const STARVED_MS = 11_000;

function sleep(ms: number | undefined): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

if (isWorker && existsSync(path.join(folder, 'hang'))) sleep(undefined);
if (isWorker && existsSync(path.join(folder, 'starve'))) {
  const endsAt = performance.now() + STARVED_MS;
  while (performance.now() < endsAt) {
    const worksUntil = performance.now() + 10;
    while (performance.now() < worksUntil);
    sleep(90);
  }
}
