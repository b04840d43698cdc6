/**
 * The files by which numbers outlive processes: where they lie, their names, and what an orphan's file holds. Workers
 * write the files of orphans, the primary reads them and owns all else. How they are written and read: `own-file.ts`.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../host/system-code.ts';
import { asRecord } from '../json.ts';
import { PRIMARY_FILE } from './primary-file.ts';

/** The folder of one gateway, named by its port: several may share a `state_dir`. */
export function stateFolder(stateDir: string, port: number): string {
  return path.join(stateDir, String(port));
}

/** What an orphan's file holds, whichever version wrote it; the metrics in it are judged one by one. */
export interface OrphanNumbers {
  readonly workerId: string;
  /** Number of the last event in `metrics`. */
  readonly sequence: number;
  readonly metrics: readonly unknown[];
  /** `FailuresLeft`; the first version left none. */
  readonly failures?: unknown;
}

/** Whether a parsed file is an orphan's. */
export function isOrphanNumbers(value: unknown): value is OrphanNumbers {
  const { workerId, sequence, metrics } = asRecord(value) ?? {};
  return isWorkerId(workerId) && Number.isSafeInteger(sequence) && Number(sequence) >= 0 && Array.isArray(metrics);
}

/** The first version's name for the checkpoint: a later one must find what an earlier one wrote. */
export const CHECKPOINT_FILE = 'books.json';

/**
 * The certificate that the admin port shows, in PEM form, without its key: commands know the gateway by it while the files of
 * the configuration hold what could not be used.
 */
export const SHOWN_CERTIFICATE_FILE = 'admin-certificate.pem';

const workerId = /^[\w-]{1,64}$/;

/** Whether text is a worker's id, which may become a part of a path. */
export function isWorkerId(text: unknown): text is string {
  return typeof text === 'string' && workerId.test(text);
}

const orphanName = /^orphan-([\w-]{1,64})\.json$/;

/** Where the worker of that id writes while it has no primary. */
export function orphanPath(folder: string, workerId: string): string {
  return path.join(folder, `orphan-${workerId}.json`);
}

/** The worker's id in the name of an orphan's file; null for other names. */
export function orphanIdOf(fileName: string): string | null {
  return orphanName.exec(fileName)?.[1] ?? null;
}

const orphanLogName = /^orphan-log-[\w-]{1,64}\.(?:txt|taken)$/;

/** An orphan lives for a minute without a successor, which takes the file within a second. */
export const MAX_ORPHAN_LOG_BYTES = 16 * 1024 * 1024;

/** Where the worker of that id writes its log lines while it has no primary and nobody reads its output. */
export function orphanLogPath(folder: string, workerId: string): string {
  return path.join(folder, `orphan-log-${workerId}.txt`);
}

/** The name under which a primary reads such a file, so that its orphan begins another; null for other names. */
export function takenOrphanLog(fileName: string): string | null {
  return orphanLogName.test(fileName) ? fileName.replace(/\.txt$/, '.taken') : null;
}

/**
 * Makes a folder and those above it, for this user alone. Throws what the file system throws. One by one, since
 * `mkdirSync` with `recursive` never returns where a folder cannot be made though its parent is there, as in /proc.
 */
export function ensureFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) ensureFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (systemCode(error) !== 'EEXIST' || !isFolder(folder)) throw error;
  }
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The end of the name of a file that is being written. */
export const UNFINISHED = '.unfinished';

/** Writers add a random part to the name; the first version did not. */
const unfinishedName = /^(.+?\.json)(?:\.[0-9a-f]{16})?\.unfinished$/;

/**
 * The name of the gateway's file that `fileName` would have become, had its writer not died before it was whole; null
 * for all other names.
 */
export function finishedNameOf(fileName: string): string | null {
  const name = unfinishedName.exec(fileName)?.[1] ?? '';
  return name === CHECKPOINT_FILE || name === PRIMARY_FILE || orphanIdOf(name) !== null ? name : null;
}
