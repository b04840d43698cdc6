/**
 * Writes `primary.json`, from which orphans read the generation that holds the port and its state, since they have no
 * channel, and the certificate by which commands know the admin port. It also clears the state folder after a clean stop.
 *
 * The checkpoint reports a folder that cannot be written. Without `primary.json`, orphans end by themselves.
 */
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Log } from '../../shared/log.ts';
import { readOwnFile, writeWhole } from '../../shared/state/own-file.ts';
import { checkOwnFolder, ensureOwnFolder } from '../../shared/state/own-folder.ts';
import {
  isPrimaryFile,
  MAX_PRIMARY_FILE_BYTES,
  PRIMARY_FILE,
  type PrimaryFile,
} from '../../shared/state/primary-file.ts';
import { finishedNameOf, orphanIdOf, SHOWN_CERTIFICATE_FILE } from '../../shared/state/state-files.ts';
import type { ServerCertificate } from '../../shared/tls/server-certificate.ts';

export class PrimaryRecord {
  readonly generation: number;
  readonly #folder: string;
  readonly #file: string;
  readonly #log: Log;

  /** Begins a generation in `folder`. It reuses the number of a previous generation that was never ready. */
  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#file = path.join(folder, PRIMARY_FILE);
    this.#log = log;
    const before = this.#read();
    this.generation = before === null ? 1 : before.generation + (before.state === 'starting' ? 0 : 1);
  }

  /** Writes the state of this generation; makes the folder if it is missing. */
  write(state: PrimaryFile['state']): void {
    const record: PrimaryFile = { pid: process.pid, generation: this.generation, state };
    this.#try(() => {
      ensureOwnFolder(this.#folder);
      writeWhole(this.#file, JSON.stringify(record));
    });
  }

  /** Writes the certificate that the admin port shows from now on. */
  certificate({ cert }: Pick<ServerCertificate, 'cert'>): void {
    this.#try(() => {
      ensureOwnFolder(this.#folder);
      writeWhole(path.join(this.#folder, SHOWN_CERTIFICATE_FILE), cert);
    });
  }

  /** Removes this gateway's files after a clean stop. The lock removes the folder when it is released. */
  remove(): void {
    this.#try(() => {
      checkOwnFolder(this.#folder);
      rmSync(this.#file, { force: true });
      rmSync(path.join(this.#folder, SHOWN_CERTIFICATE_FILE), { force: true });
      for (const name of readdirSync(this.#folder)) {
        const isOurs = orphanIdOf(name) !== null || finishedNameOf(name) !== null;
        if (isOurs) rmSync(path.join(this.#folder, name), { force: true });
      }
    });
  }

  #read(): PrimaryFile | null {
    try {
      const value: unknown = JSON.parse(readOwnFile(this.#file, MAX_PRIMARY_FILE_BYTES));
      return isPrimaryFile(value) ? value : null;
    } catch (error) {
      // Missing or broken: no orphan waits for a certain generation.
      this.#log.debug({ err: error }, 'no primary.json of a previous generation');
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
