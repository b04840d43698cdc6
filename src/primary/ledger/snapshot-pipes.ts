/**
 * The primary's end of the snapshot pipes: splits each worker's pipe into lines and passes the newest whole line to the
 * ledger. Over all workers, one line is parsed per event-loop turn, since 16 large lines in one turn would block
 * everything else. A line that is cut off by its worker's death is dropped.
 */
import type { Readable } from 'node:stream';
import { isSnapshot, type Snapshot } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';

const NEWLINE = 0x0a;

/** A snapshot is a few hundred KB. What is longer without an end is dropped, up to the next newline. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

interface SnapshotPipesOptions {
  readonly received: (snapshot: Snapshot) => void;
  readonly log: Log;
}

/** The pipes of all workers. */
export class SnapshotPipes {
  readonly #options: SnapshotPipesOptions;
  /** By worker id, the newest whole line that is not parsed yet. */
  readonly #lines = new Map<string, Buffer>();
  #scheduled = false;

  constructor(options: SnapshotPipesOptions) {
    this.#options = options;
  }

  /** Reads a worker's pipe (its fd 4). Resolves at the end of the pipe, after the last whole line was passed on. */
  read(workerId: string, pipe: Readable): Promise<void> {
    let unfinished: Buffer[] = [];
    let unfinishedBytes = 0;
    pipe.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end === -1) {
        unfinishedBytes += chunk.length;
        if (unfinishedBytes <= MAX_LINE_BYTES) unfinished.push(chunk);
        else unfinished = [];
        return;
      }
      const before = chunk.lastIndexOf(NEWLINE, end - 1);
      const line = chunk.subarray(before + 1, end);
      // If the chunk holds a second newline, the unfinished bytes belong to an older line.
      this.#put(workerId, before === -1 || end === 0 ? Buffer.concat([...unfinished, line]) : line);
      unfinished = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
      unfinishedBytes = chunk.length - end - 1;
    });
    pipe.on('error', (error) => this.#options.log.debug({ err: error, workerId }, 'snapshot pipe broke'));
    return new Promise((resolve) => {
      pipe.once('close', () => {
        this.#parse(workerId);
        resolve();
      });
    });
  }

  #put(workerId: string, line: Buffer): void {
    this.#lines.set(workerId, line);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const [next] = this.#lines.keys();
      if (next === undefined) return;
      this.#parse(next);
      if (this.#lines.size > 0) this.#schedule();
    });
  }

  #parse(workerId: string): void {
    const line = this.#lines.get(workerId);
    if (line === undefined) return;
    this.#lines.delete(workerId);
    let snapshot: unknown;
    try {
      snapshot = JSON.parse(line.toString('utf8'));
    } catch (error) {
      this.#options.log.error({ err: error, workerId }, 'a snapshot is not JSON');
      return;
    }
    if (isSnapshot(snapshot) && snapshot.workerId === workerId) this.#options.received(snapshot);
    else this.#options.log.error({ workerId }, 'a snapshot is malformed');
  }
}
