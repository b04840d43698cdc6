/**
 * The primary's end of the snapshot pipes: splits each worker's pipe into lines and hands the newest whole one to the
 * ledger. Lines are parsed one per event-loop turn, over all workers, since 16 large ones in one turn would hold up
 * everything else. A line cut off by its worker's death is never handed on.
 */
import type { Readable } from 'node:stream';
import { isSnapshot, type Snapshot } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';

const NEWLINE = 0x0a;

interface SnapshotPipesOptions {
  readonly received: (snapshot: Snapshot) => void;
  readonly log: Log;
}

/** The pipes of all workers. */
export class SnapshotPipes {
  readonly #options: SnapshotPipesOptions;
  /** The newest whole line of each worker that was not parsed yet. */
  readonly #lines = new Map<string, Buffer>();
  #scheduled = false;

  constructor(options: SnapshotPipesOptions) {
    this.#options = options;
  }

  /** Reads a worker's pipe (its fd 4) from now on. Resolves when it is at its end and the last whole line is handed on. */
  read(workerId: string, pipe: Readable): Promise<void> {
    let begun: Buffer[] = [];
    pipe.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(NEWLINE);
      if (end === -1) {
        begun.push(chunk);
        return;
      }
      const before = chunk.lastIndexOf(NEWLINE, end - 1);
      const rest = chunk.subarray(before + 1, end);
      // With a second newline in the chunk, what was begun before belongs to an older line.
      this.#put(workerId, before === -1 || end === 0 ? Buffer.concat([...begun, rest]) : rest);
      begun = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
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
      this.#options.log.error({ err: error, workerId }, 'a snapshot is no JSON');
      return;
    }
    if (isSnapshot(snapshot) && snapshot.workerId === workerId) this.#options.received(snapshot);
    else this.#options.log.error({ workerId }, 'a snapshot is malformed');
  }
}
