/**
 * Writes the log lines of an orphan to a file, for the next primary's log. An orphan needs it where the reader of its
 * output has ended with the primary, or throws the lines away, as pm2 does. The next primary renames the file before it
 * reads it, so each block is written to the file that has the name at that moment.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ensureFolder, orphanLogPath } from '../../shared/state/state-files.ts';

/** An orphan lives for a minute without a successor, which takes the file within a second. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The log file of one orphan. */
export class OrphanLog {
  readonly #path: string;

  /** @param folder `stateFolder` of this gateway; created if missing */
  constructor(folder: string, workerId: string) {
    this.#path = orphanLogPath(folder, workerId);
  }

  /** Appends a block of lines. Returns false if the file is full or cannot be written; it never throws. */
  append(block: string): boolean {
    try {
      ensureFolder(path.dirname(this.#path));
      const file = openSync(this.#path, 'a', 0o600);
      try {
        const { size } = fstatSync(file);
        const bytes = Buffer.byteLength(block);
        if (size + bytes > MAX_BYTES) return false;
        if (writeSync(file, block) < bytes) {
          // The disk is full. Half a line would be left, and the block is tried again.
          ftruncateSync(file, size);
          return false;
        }
      } finally {
        closeSync(file);
      }
      return true;
    } catch {
      // The lines stay in the buffer of the log, or are dropped and counted: there is no log to report it in.
      return false;
    }
  }
}
