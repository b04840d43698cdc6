/**
 * The files by which numbers outlive processes: where they lie, how they are written so that no reader ever sees half of
 * one, and what an orphan's file holds. Workers write the files of orphans, the primary reads them and owns all else.
 */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asRecord } from '../json.ts';
import { systemCode } from '../system-code.ts';
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
}

/** Whether a parsed file is an orphan's. */
export function isOrphanNumbers(value: unknown): value is OrphanNumbers {
  const { workerId, sequence, metrics } = asRecord(value) ?? {};
  return typeof workerId === 'string' && Number.isSafeInteger(sequence) && Array.isArray(metrics);
}

/** The first version's name for the checkpoint: a later one must find what an earlier one wrote. */
export const CHECKPOINT_FILE = 'books.json';

const orphanName = /^orphan-([\w-]+)\.json$/;

/** Where the worker of that id writes while it has no primary. */
export function orphanPath(folder: string, workerId: string): string {
  return path.join(folder, `orphan-${workerId}.json`);
}

/** The worker's id in the name of an orphan's file; null for other names. */
export function orphanIdOf(fileName: string): string | null {
  return orphanName.exec(fileName)?.[1] ?? null;
}

const orphanLogName = /^orphan-log-[\w-]+\.(?:txt|taken)$/;

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

const UNFINISHED = '.unfinished';

/** Writes a whole file or nothing: readers see the old text or the new. Throws what the file system throws. */
export function writeWhole(file: string, text: string): void {
  const unfinished = `${file}${UNFINISHED}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600 });
    renameSync(unfinished, file);
  } catch (error) {
    // On a full disk, half a file would keep the room that the next attempt needs.
    removeQuietly(unfinished);
    throw error;
  }
}

/**
 * The name of the gateway's file that `fileName` would have become, had its writer not died before it was whole; null
 * for all other names.
 */
export function finishedNameOf(fileName: string): string | null {
  if (!fileName.endsWith(UNFINISHED)) return null;
  const name = fileName.slice(0, -UNFINISHED.length);
  return name === CHECKPOINT_FILE || name === PRIMARY_FILE || orphanIdOf(name) !== null ? name : null;
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The caller gets the error of the writing, which has the same cause.
  }
}
