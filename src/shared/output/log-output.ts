/**
 * Log lines on their way out. Lines that find no room wait in a bounded buffer and are tried again; when the buffer is
 * full, further lines are dropped and counted, until half of it is free again. The place where lines are missing gets a
 * line that says how many.
 *
 *   write ─► port ─ taken
 *              └─ full ──► buffer (1 MiB) ─ tried again after 5 ms, up to every 100 ms ─► port
 *                            └─ full ──► dropped, counted ─ half free ─► notice
 *
 * A full disk may take half a line, whose other half its writer keeps. Whoever writes next after a refusal, or as the
 * first line of a process, begins with a line break there, so that only that one line is broken.
 *
 * It never waits, except at the end of its process: there up to 200 ms, and only if the port took something within the
 * last second.
 */
import type { Clock, Timer } from '../clock.ts';
import type { BlockSink } from './line-blocks.ts';
import type { OutputPort } from './port.ts';

const MAX_WAITING_BYTES = 1024 * 1024;
const FIRST_RETRY_MS = 5;
const MAX_RETRY_MS = 100;
const END_TRIES = 10;
const END_PAUSE_MS = 20;
/** A port that has taken nothing for this long is not waited for at the end. */
const STUCK_MS = 1000;

interface LogOutputOptions {
  readonly port: OutputPort;
  readonly clock: Clock;
  /** The line that says how many lines are missing at its place. */
  readonly notice: (dropped: number) => string;
  readonly spill?: Spill;
}

/** Another place for lines that nobody would read at the port. */
export interface Spill {
  /** Whether the port's reader throws lines away, though it takes them. */
  isUnread(): boolean;
  /** Takes lines. Asked also while the port has no reader; false: it takes none. */
  take(block: string): boolean;
}

/** Lines that wait. */
interface Waiting {
  /** What is not out yet. */
  data: string | Buffer;
  /** Length of all of it. */
  readonly bytes: number;
  /** Size of the file after a first part was written; null if none was, or if the port is no file. */
  cutAtSize: number | null;
}

export class LogOutput implements BlockSink {
  readonly #options: LogOutputOptions;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isDropping = false;
  /** Dropped since the last notice, and since they were last taken to be counted. */
  #unreported = 0;
  #uncounted = 0;
  #retry: Timer | null = null;
  #retryMs = FIRST_RETRY_MS;
  /** Since when the port takes nothing; null while it does. */
  #stuckAtMs: number | null = null;
  /** Whether the file may end with half a line of another process. */
  #endIsUnsure = true;

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Writes whole lines, now or later, or drops them. Keeps the order. */
  write(block: string, lines = 1, bytes = Buffer.byteLength(block)): void {
    const entry = { data: block, bytes, cutAtSize: null };
    if (this.#waiting.length === 0) {
      if (this.#put(entry)) return;
    } else if (this.#isDropping || this.#waitingBytes + bytes > MAX_WAITING_BYTES) {
      this.#isDropping = true;
      this.#drop(lines);
      return;
    }
    this.#waiting.push(entry);
    this.#waitingBytes += bytes;
    this.#retry ??= this.#options.clock.after(this.#retryMs, () => this.#drain());
  }

  /** How many lines were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#uncounted;
    this.#uncounted = 0;
    return dropped;
  }

  /** Writes what waits, at the end of the process. */
  end(): void {
    for (let left = END_TRIES; ; left -= 1) {
      this.#drain();
      this.#retry?.cancel();
      if (this.#waiting.length === 0 || left === 0 || this.#isStuck()) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, END_PAUSE_MS);
    }
  }

  #drain(): void {
    this.#retry?.cancel();
    this.#retry = null;
    const before = this.#waitingBytes;
    for (let head = this.#waiting[0]; head !== undefined && this.#put(head); head = this.#waiting[0]) {
      this.#waiting.shift();
      this.#waitingBytes -= head.bytes;
      if (this.#waitingBytes <= MAX_WAITING_BYTES / 2) this.#report();
    }
    this.#retryMs = this.#waitingBytes < before ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, MAX_RETRY_MS);
    if (this.#waiting.length > 0) this.#retry = this.#options.clock.after(this.#retryMs, () => this.#drain());
  }

  #report(): void {
    this.#isDropping = false;
    if (this.#unreported === 0) return;
    const data = this.#options.notice(this.#unreported);
    const bytes = Buffer.byteLength(data);
    this.#unreported = 0;
    this.#waiting.push({ data, bytes, cutAtSize: null });
    this.#waitingBytes += bytes;
  }

  /** Whether all of an entry is out. Otherwise it holds what is left. */
  #put(entry: Waiting): boolean {
    const { port, spill, clock } = this.#options;
    if (spill?.isUnread() === true && spill.take(entry.data.toString())) return true;
    if (entry.cutAtSize !== null && port.size() !== entry.cutAtSize) this.#leaveCutLine(entry);
    if (this.#endIsUnsure && entry.cutAtSize === null && port.endsWithinLine() && port.write('\n') !== 1) return false;
    const taken = port.write(entry.data);
    if (taken === 'closed' && spill?.take(entry.data.toString()) === true) return true;
    if (taken === 'full' || taken === 'closed') {
      this.#stuckAtMs ??= taken === 'closed' ? Number.NEGATIVE_INFINITY : clock.nowMs();
      this.#endIsUnsure = true;
      return false;
    }
    this.#stuckAtMs = null;
    this.#endIsUnsure = false;
    if (typeof entry.data === 'string' && taken === entry.bytes) return true;
    const data = Buffer.from(entry.data);
    if (taken === data.length) return true;
    entry.data = data.subarray(taken);
    entry.cutAtSize = port.size();
    return false;
  }

  /** Others have written whole lines after half of one of ours, or the file was emptied: the other half is useless. */
  #leaveCutLine(entry: Waiting): void {
    const rest = Buffer.from(entry.data);
    entry.data = rest.subarray(rest.indexOf('\n') + 1);
    entry.cutAtSize = null;
    this.#endIsUnsure = true;
    this.#drop(1);
  }

  #drop(lines: number): void {
    this.#unreported += lines;
    this.#uncounted += lines;
  }

  #isStuck(): boolean {
    return this.#stuckAtMs !== null && this.#options.clock.nowMs() - this.#stuckAtMs > STUCK_MS;
  }
}
