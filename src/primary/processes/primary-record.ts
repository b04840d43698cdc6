/**
 * The primary's end of `primary.json`: says to orphans, who have no channel, which life of the gateway holds the port
 * and how far it is. It also clears the state folder after a clean stop.
 *
 * A folder that cannot be written is reported by the checkpoint; here it only means that orphans end by themselves.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../shared/log.ts';
import { isPrimaryFile, PRIMARY_FILE, type PrimaryFile } from '../../shared/state/primary-file.ts';
import { ensureFolder, finishedNameOf, orphanIdOf, writeWhole } from '../../shared/state/state-files.ts';

export class PrimaryRecord {
  readonly generation: number;
  readonly #folder: string;
  readonly #file: string;
  readonly #log: Log;

  /** Begins a life in `folder`, made if missing. A life that never was ready does not count as one before it. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#file = path.join(folder, PRIMARY_FILE);
    this.#log = log;
    const before = this.#read();
    this.generation = before === null ? 1 : before.generation + (before.state === 'starting' ? 0 : 1);
  }

  /** Says how far this life is. */
  write(state: PrimaryFile['state']): void {
    const record: PrimaryFile = { pid: process.pid, generation: this.generation, state };
    this.#try(() => {
      ensureFolder(this.#folder);
      writeWhole(this.#file, JSON.stringify(record));
    });
  }

  /** After a clean stop: no file of this gateway stays. The folder is for the lock to remove, at its release. */
  remove(): void {
    this.#try(() => {
      rmSync(this.#file, { force: true });
      for (const name of readdirSync(this.#folder)) {
        const isOurs = orphanIdOf(name) !== null || finishedNameOf(name) !== null;
        if (isOurs) rmSync(path.join(this.#folder, name), { force: true });
      }
    });
  }

  #read(): PrimaryFile | null {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      return isPrimaryFile(value) ? value : null;
    } catch (error) {
      // None, or a broken one: there was no life before this that anybody waits for.
      this.#log.debug({ err: error }, 'no primary.json of a former life');
      return null;
    }
  }

  #try(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.#log.debug({ err: error, folder: this.#folder }, 'the state folder could not be changed');
    }
  }
}
