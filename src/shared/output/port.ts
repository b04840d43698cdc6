/**
 * Standard output as a place for log lines that never makes its process wait, and never throws.
 *
 * A write to a pipe, a terminal or a socket waits when its reader has stopped reading, unless the description of the
 * open file is non-blocking. That description is shared with all holders of the same pipe, who may rely on waiting, so
 * a pipe or terminal is opened again for a description of our own. What cannot be opened again (a socket, such as
 * journald's; a pipe of another user) is made non-blocking as it is. Files and devices need neither.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import net from 'node:net';
import { isatty } from 'node:tty';
import { systemCode } from '../host/system-code.ts';

/** Bytes that were taken, which may be fewer than given; or why none was: no room for now, or no reader left. */
export type Taken = number | 'full' | 'closed';

/** Where log lines go. */
export interface OutputPort {
  /** The most bytes that are written whole: the lines of several processes that write there do not mix. */
  readonly atomicBytes: number;
  write(data: string | Uint8Array): Taken;
  /** The size of the file that it is; null for all else. */
  size(): number | null;
  /** Whether it is a file whose last line has no end yet; false too where that cannot be found out. */
  endsWithinLine(): boolean;
}

const LINE_BREAK = 0x0a;

/** PIPE_BUF. */
const ATOMIC_PIPE_BYTES = 4096;

/** Linux takes at least so much in one piece on a local socket. */
const ATOMIC_SOCKET_BYTES = 16 * 1024;

/** A write to a file is atomic at any size, and fewer writes cost less. */
const FILE_BYTES = 64 * 1024;

/** The reader has closed its end of a pipe or socket, or the terminal is gone. */
const closedCodes = new Set(['EPIPE', 'ECONNRESET', 'ENOTCONN', 'EIO']);

/** Of `/proc/<pid>/fdinfo`, whose flags are octal. */
const flagsLine = /^flags:\s*(\d+)/m;

/** Opens the file behind a descriptor, by default standard output. */
export function openPort(descriptor = 1): OutputPort {
  const stats = fstatSync(descriptor);
  if (stats.isFIFO() || isatty(descriptor)) {
    const own = openAgain(descriptor);
    if (own !== null) return new Port(own, ATOMIC_PIPE_BYTES, null);
  }
  const unblock = () => unblockShared(descriptor);
  if (stats.isFIFO()) return new Port(descriptor, ATOMIC_PIPE_BYTES, unblock);
  if (stats.isSocket()) return new Port(descriptor, ATOMIC_SOCKET_BYTES, unblock);
  return new Port(descriptor, stats.isFile() ? FILE_BYTES : ATOMIC_PIPE_BYTES, null);
}

class Port implements OutputPort {
  readonly atomicBytes: number;
  readonly #descriptor: number;
  readonly #unblock: (() => void) | null;

  constructor(descriptor: number, atomicBytes: number, unblock: (() => void) | null) {
    this.#descriptor = descriptor;
    this.atomicBytes = atomicBytes;
    this.#unblock = unblock;
  }

  write(data: string | Uint8Array): Taken {
    this.#unblock?.();
    try {
      return typeof data === 'string' ? writeSync(this.#descriptor, data) : writeSync(this.#descriptor, data);
    } catch (error) {
      // A full disk or a full pipe. Any other error is treated like it: there is nowhere to report it.
      return closedCodes.has(systemCode(error) ?? '') ? 'closed' : 'full';
    }
  }

  size(): number | null {
    const stats = fstatSync(this.#descriptor);
    return stats.isFile() ? stats.size : null;
  }

  endsWithinLine(): boolean {
    const size = this.size() ?? 0;
    if (size === 0) return false;
    try {
      // The descriptor itself is only for writing.
      const file = openSync(`/proc/self/fd/${this.#descriptor}`, constants.O_RDONLY);
      try {
        const last = Buffer.alloc(1);
        return readSync(file, last, 0, 1, size - 1) === 1 && last[0] !== LINE_BREAK;
      } finally {
        closeSync(file);
      }
    } catch {
      // Not for this user to read, or no /proc.
      return false;
    }
  }
}

/** A descriptor of our own for the same file; null if there is none (another user's, no reader yet, no /proc). */
function openAgain(descriptor: number): number | null {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return null;
  }
}

/**
 * Makes the shared description non-blocking. To be called before each write: whenever a process is forked or ends, Node
 * makes the standard streams that it shares blocking again.
 */
function unblockShared(descriptor: number): void {
  if (!isBlocking(descriptor)) return;
  try {
    // Node makes the descriptor of a socket object non-blocking. The object is never used or closed.
    new net.Socket({ fd: descriptor, readable: false, writable: true }).unref();
  } catch {
    // A kind of socket that Node does not know: its writes wait.
  }
}

function isBlocking(descriptor: number): boolean {
  try {
    const flags = flagsLine.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1] ?? '0';
    return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
  } catch {
    // Without /proc, or without a free descriptor, nothing can be found out.
    return false;
  }
}
