/**
 * Text to standard output whose reader may leave before its end, as `head` does: then the rest is for nobody, and the
 * command has nothing to report.
 */
import type { Writable } from 'node:stream';
import { systemCode } from '../shared/host/system-code.ts';

/** Where lines go. */
export interface Output {
  write(line: string): void;
  /** Whether its reader has left. */
  readonly isClosed: boolean;
}

/** Lines on a stream. Any failure but the reader's leaving is thrown, where nobody catches it. */
export function quietOutput(stream: Writable): Output {
  let isClosed = false;
  stream.on('error', (error) => {
    if (systemCode(error) !== 'EPIPE') throw error;
    isClosed = true;
  });
  return {
    write: (line) => {
      if (!isClosed) stream.write(`${line}\n`);
    },
    get isClosed() {
      return isClosed;
    },
  };
}
