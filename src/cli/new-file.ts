/**
 * The files that commands write: for their owner alone, since keys may stand in them, and never over another one unless that
 * was asked for.
 */
import { closeSync, constants, existsSync, fchmodSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { systemCode } from '../shared/host/system-code.ts';
import { CommandError } from './failures.ts';

const OWN = 0o600;

interface NewFile {
  readonly file: string;
  /** The option that names it. */
  readonly option: string;
  /** Whether it may replace one that is there. */
  readonly force: boolean;
}

/** Throws `CommandError` if the file is there and may not be replaced. */
export function expectNew({ file, option, force }: NewFile): void {
  if (!force && existsSync(file)) throw isThere(file, option);
}

/** Writes it. Throws `CommandError` like `expectNew`, and what the file system throws. */
export function writeNew({ file, option, force }: NewFile, text: string): void {
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  let opened: number;
  try {
    opened = openSync(file, force ? O_WRONLY | O_CREAT : O_WRONLY | O_CREAT | O_EXCL, OWN);
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? isThere(file, option) : error;
  }
  try {
    // Before a word is written: others may read what was there. A terminal or a pipe stays as it is.
    if (fstatSync(opened).isFile()) {
      fchmodSync(opened, OWN);
      ftruncateSync(opened);
    }
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(opened, bytes, at);
  } finally {
    closeSync(opened);
  }
}

function isThere(file: string, option: string): CommandError {
  return new CommandError(
    `${file} is there already: nothing is written. Give another ${option}, or --force to replace it`,
  );
}
