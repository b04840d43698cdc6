/**
 * Brings the log lines of orphans whose output nobody reads into this primary's log. They write them to files in the state
 * folder, and may write while these are read: a file is renamed first, and read a moment later.
 *
 *   orphan: open, write, close ──► orphan-log-….txt ── rename, wait ──► ….taken ── read, write to the log ──► removed
 *
 * Lines go out as the log takes them. A file that a dying primary leaves is read again by the next.
 */
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, sleep, type Timer } from '../../shared/clock.ts';
import { errorFields, type Log } from '../../shared/log.ts';
import { LineBlocks } from '../../shared/output/line-blocks.ts';
import type { LogOutput } from '../../shared/output/log-output.ts';
import { takenOrphanLog } from '../../shared/state/state-files.ts';
import { systemCode } from '../../shared/system-code.ts';

const PERIOD_MS = 500;
/** An orphan opens, writes and closes its file in one turn. */
const WRITTEN_WITHIN_MS = 100;
const PIECE_BYTES = 64 * 1024;
/** Any log takes so much in one piece. */
const BLOCK_BYTES = 4096;
/** With more than this waiting in the log, reading pauses: the log drops lines only much later. */
const MAX_WAITING_BYTES = 256 * 1024;
const PAUSE_MS = 20;

interface OrphanLogsOptions {
  /** `stateFolder` of this gateway. */
  readonly folder: string;
  readonly output: Pick<LogOutput, 'write' | 'waitingBytes'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Active from `start` to `stop`. */
export class OrphanLogs {
  readonly #options: OrphanLogsOptions;
  #timer: Timer | null = null;
  #reading: Promise<void> | null = null;
  #stopping = false;
  #warned = false;

  constructor(options: OrphanLogsOptions) {
    this.#options = options;
  }

  /** Reads what is there now, and then twice a second. */
  start(): void {
    this.#timer = this.#options.clock.every(PERIOD_MS, () => void this.#read());
    void this.#read();
  }

  /** Reads for the last time. If the log takes no lines, files stay for the next primary. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopping = true;
    await this.#reading;
    await this.#read();
  }

  /** Calls made meanwhile share it. It never rejects. */
  #read(): Promise<void> {
    this.#reading ??= this.#readAll()
      .catch((error: unknown) => this.#warn(error))
      .finally(() => {
        this.#reading = null;
      });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    const { folder, clock } = this.#options;
    const taken = new Set<string>();
    for (const name of await namesIn(folder)) {
      const takenName = takenOrphanLog(name);
      if (takenName === null) continue;
      const file = path.join(folder, takenName);
      // One that is still being read, or could not be read to its end, must not be replaced.
      if (name !== takenName && !taken.has(file)) await rename(path.join(folder, name), file);
      taken.add(file);
    }
    if (taken.size === 0) return;
    await sleep(clock, WRITTEN_WITHIN_MS);
    // One that cannot be read keeps none of the others back.
    for (const file of taken) await this.#bring(file).catch((error: unknown) => this.#warn(error));
  }

  async #bring(file: string): Promise<void> {
    const handle = await open(file, 'r');
    try {
      if (!(await this.#copy(handle))) return;
    } finally {
      await handle.close();
    }
    await rm(file, { force: true });
  }

  /** Copies whole lines; a last one without its end is left out. Returns false if it has not come to the end. */
  async #copy(handle: FileHandle): Promise<boolean> {
    const { output, clock } = this.#options;
    let piece = Buffer.alloc(PIECE_BYTES);
    const blocks = new LineBlocks(output, BLOCK_BYTES);
    for (let position = 0; ; ) {
      while (output.waitingBytes > MAX_WAITING_BYTES) {
        if (this.#stopping) return false;
        await sleep(clock, PAUSE_MS);
      }
      const { bytesRead } = await handle.read(piece, 0, piece.length, position);
      const bytes = piece.subarray(0, bytesRead).lastIndexOf('\n') + 1;
      if (bytes === 0 && bytesRead < piece.length) return true;
      // A line that is longer. The files are bounded, and so is this.
      if (bytes === 0) piece = Buffer.alloc(2 * piece.length);
      position += bytes;
      // Not `.`: that ends at U+2028 too, which may stand in a line.
      for (const line of piece.toString('utf8', 0, bytes).match(/[^\n]*\n/g) ?? []) blocks.write(line);
      blocks.flushSync();
    }
  }

  #warn(error: unknown): void {
    if (!this.#warned) this.#options.log.warn(errorFields(error), "an orphan's log lines cannot be read");
    this.#warned = true;
  }
}

/** Sorted, so that a file which was taken before comes before one that would take its name. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
