/**
 * Reads the files that a configuration names. Reading ends soon for every path: only regular files are read, and only up to a
 * limit.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { shownPath } from '../secrets/pasted-key.ts';
import { systemCode } from './system-code.ts';

/** A file's text, or a description of what was found instead, for a fault's "got". */
export type FileText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unfit'; readonly got: string };

/** The text of a regular file of at most `maxBytes` at an absolute path. Does not throw if the file is missing or of another kind. */
export function readSmallFile(path: string, maxBytes: number): FileText {
  let file: number;
  try {
    // Without O_NONBLOCK, opening a pipe waits for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = systemCode(error) ?? 'an error';
    if (code === 'EACCES') return { kind: 'unfit', got: `${code}: this user may not read ${shownPath(path)}` };
    return {
      kind: 'unfit',
      got: code === 'ENOENT' ? `none: there is no such file (looked for ${shownPath(path)})` : code,
    };
  }
  try {
    const stats = fstatSync(file);
    return stats.isFile() ? readUpTo(file, maxBytes) : { kind: 'unfit', got: kindOfFile(stats) };
  } catch (error) {
    return { kind: 'unfit', got: systemCode(error) ?? 'an error' };
  } finally {
    closeSync(file);
  }
}

/** Reads until the end instead of asking for the size: files in /proc report none. */
function readUpTo(file: number, maxBytes: number): FileText {
  const bytes = Buffer.alloc(maxBytes + 1);
  let length = 0;
  while (length <= maxBytes) {
    const read = readSync(file, bytes, length, bytes.length - length, null);
    if (read === 0) return { kind: 'text', text: bytes.toString('utf8', 0, length) };
    length += read;
  }
  return { kind: 'unfit', got: 'a larger file' };
}

function kindOfFile(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isCharacterDevice() || stats.isBlockDevice() ? 'a device' : 'another kind of file';
}
