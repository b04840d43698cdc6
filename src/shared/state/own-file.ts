/**
 * Reads and writes files of a gateway's folder. Only a regular file of our own user is read, at its own place and under a
 * limit: no link is followed, no pipe is waited for. A file is written under a random name that did not exist, and renamed.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { checkOwnFolder, ForeignStateError, isOwn } from './own-folder.ts';
import { UNFINISHED } from './state-files.ts';

/** Books and orphans' files are a few hundred KB. */
export const MAX_NUMBERS_BYTES = 64 * 1024 * 1024;

/** O_NONBLOCK: opening a pipe that nobody writes would wait for ever. It changes nothing for files. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The text of a file of ours. Throws `ForeignStateError`, or what the file system throws. */
export function readOwnFile(file: string, maxBytes = MAX_NUMBERS_BYTES): string {
  checkOwnFolder(path.dirname(file));
  const descriptor = openSync(file, READ);
  try {
    checkOwnFile(file, fstatSync(descriptor), maxBytes);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Opens a file of ours for reading, without blocking the process meanwhile. Rejects like `readOwnFile` throws. */
export async function openOwnFile(file: string, maxBytes = MAX_NUMBERS_BYTES): Promise<FileHandle> {
  checkOwnFolder(path.dirname(file));
  const handle = await open(file, READ);
  try {
    checkOwnFile(file, await handle.stat(), maxBytes);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Throws `ForeignStateError` unless an open file is a regular one of ours, under one name, and not above the limit. */
export function checkOwnFile(file: string, found: Stats, maxBytes: number): void {
  if (!found.isFile()) throw new ForeignStateError(`${file} is no regular file`);
  if (!isOwn(found)) throw new ForeignStateError(`${file} belongs to another user`);
  // By another name, it could be a file that is no gateway's.
  if (found.nlink > 1) throw new ForeignStateError(`${file} has a second name`);
  if (found.size > maxBytes) throw new ForeignStateError(`${file} has ${found.size} bytes, more than ${maxBytes}`);
}

/** Writes a whole file or nothing: readers see the old text or the new. Throws what the file system throws. */
export function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${randomBytes(8).toString('hex')}${UNFINISHED}`;
  const descriptor = openSync(unfinished, CREATE, 0o600);
  try {
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    // What has the name until now is replaced, and not followed if it is a link.
    renameSync(unfinished, file);
  } catch (error) {
    // On a full disk, half a file would keep the room that the next attempt needs.
    removeQuietly(unfinished);
    throw error;
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The caller gets the error of the writing, which has the same cause.
  }
}
