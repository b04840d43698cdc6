/**
 * The folder of a gateway belongs to it alone. Another user who could write there, or put a link in its place, could have
 * the gateway overwrite files that it may write and they may not, or count for it.
 *
 * So the folder must be a folder of our own user with mode 0700, and `state_dir` above it must be ours or root's, closed
 * to others or sticky like /tmp. What is ours but open is closed; what is another user's is never used.
 */
import { chmodSync, lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { ensureFolder } from './state-files.ts';

/** The state folder, or a file in it, is not what this gateway has made. An error of the host, so it has a code. */
export class ForeignStateError extends Error {
  override readonly name = 'ForeignStateError';
  readonly code = 'EPERM';
}

const STICKY = 0o1000;
const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o077;

/**
 * Makes a gateway's folder if it is missing, and checks it. Returns what was open to others and is closed now. Throws
 * `ForeignStateError`, or what the file system throws.
 */
export function ensureOwnFolder(folder: string): readonly string[] {
  ensureFolder(path.dirname(folder));
  const closed = closeStateDir(path.dirname(folder));
  ensureFolder(folder);
  return [...closed, ...closeFolder(folder)];
}

/** Checks a gateway's folder without making it. Throws like `ensureOwnFolder`, and ENOENT where there is none. */
export function checkOwnFolder(folder: string): void {
  closeStateDir(path.dirname(folder));
  closeFolder(folder);
}

/** Whether a file or folder belongs to the user of this process. True where the system has no users. */
export function isOwn({ uid }: Pick<Stats, 'uid'>): boolean {
  return process.geteuid === undefined || uid === process.geteuid();
}

/**
 * Why no gateway of this user would keep its numbers in an existing `state_dir`; null if it would. Changes nothing.
 * Throws what the file system throws.
 */
export function whyForeign(stateDir: string): string | null {
  const found = statSync(stateDir);
  // An operator may let `state_dir` be a link, which must not be another user's.
  if (!isTrusted(lstatSync(stateDir)) || !isTrusted(found)) return `${stateDir} belongs to another user`;
  if (isClosed(found) || isOwn(found)) return null;
  return `others may write to ${stateDir}: set state_dir to a folder of this user's own in it`;
}

function closeStateDir(stateDir: string): string[] {
  const why = whyForeign(stateDir);
  if (why !== null) throw new ForeignStateError(why);
  const found = statSync(stateDir);
  if (isClosed(found)) return [];
  chmodSync(stateDir, found.mode & 0o777 & ~WRITABLE_BY_OTHERS);
  return [stateDir];
}

function closeFolder(folder: string): string[] {
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new ForeignStateError(`${folder} is no folder`);
  if (!isOwn(found)) throw new ForeignStateError(`${folder} belongs to another user`);
  if ((found.mode & OPEN_TO_OTHERS) === 0) return [];
  chmodSync(folder, 0o700);
  return [folder];
}

/** Whether others can neither write there nor, as in /tmp, replace what is not theirs. */
function isClosed({ mode }: Stats): boolean {
  return (mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0;
}

function isTrusted(found: Stats): boolean {
  return isOwn(found) || found.uid === 0;
}
