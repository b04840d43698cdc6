/**
 * Splits a byte stream into whole server-sent events. Each event keeps its original bytes, so a dialect that needs no
 * translation is relayed unchanged, and half an event is never passed on. All `raw` buffers in order, including that of
 * `flush`, are exactly the bytes that were pushed.
 *
 * A chunk may end at any byte of an event: UTF-8 is decoded only when the event is whole. Lines end in LF, CR LF or CR,
 * as the grammar allows. An event is returned as soon as its blank line has begun. If that blank line is a CR at the
 * end of a chunk, an LF that follows becomes the start of the next event, and so do blank lines between events. A byte
 * order mark at the very start stays in `raw` but is not part of the text.
 *
 * Pending bytes are limited by `maxEventBytes` and collected in one growing buffer. Each byte is read once, so many
 * small chunks of one large event cost linear time and memory.
 */

import { withoutByteOrderMark } from './whole-body.ts';

const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);

/** A terminal is smaller than this. */
const SMALL_EVENT_BYTES = 256;
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * One event. `raw` holds its bytes, including the blank line that ended it. A lone comment is an event without data.
 */
export interface SseEvent {
  readonly raw: Buffer;
  /** The `event:` field; empty if there was none. */
  readonly event: string;
  /** The `data:` lines joined with LF; null when the event had none (comments, bare fields). */
  readonly data: string | null;
  /** Its framing says that it is the sender's error, under its name; its data says more of it. Never of server-sent ones. */
  readonly isError?: boolean;
}

/** An event is larger than the limit, so the stream can no longer be read. */
export class SseOverflowError extends Error {
  override readonly name = 'SseOverflowError';
}

export class SseSplitter {
  readonly #maxEventBytes: number;
  #pending = NOTHING;
  #pendingBytes = 0;
  /** Whether the next byte begins a line. */
  #atLineStart = true;
  /** Whether the pending event has a line that is not blank. */
  #begun = false;
  /** Whether the last byte was a CR; an LF that belongs to it may follow. */
  #afterCr = false;
  #first = true;

  constructor(maxEventBytes = 16 * 1024 * 1024) {
    this.#maxEventBytes = maxEventBytes;
  }

  /** Bytes of the event that is not yet whole. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The events that `chunk` completes, in order. Throws `SseOverflowError`. */
  push(chunk: Buffer): SseEvent[] {
    return this.#single(chunk) ?? this.#split(chunk);
  }

  /**
   * The fast path for the usual case: the chunk is exactly one event and begins on a new line. Null in all other cases.
   * A chunk that ends in two LFs cannot end in the middle of a character.
   */
  #single(chunk: Buffer): SseEvent[] | null {
    const { length } = chunk;
    if (this.#pendingBytes > 0 || this.#afterCr || length > this.#maxEventBytes) return null;
    if (length < 3 || chunk[length - 1] !== LF || chunk[length - 2] !== LF || chunk[0] === LF) return null;
    const text = chunk.toString('utf8');
    if (text.indexOf('\n\n') !== text.length - 2 || text.includes('\r')) return null;
    const event = parseEvent(chunk, text, this.#first);
    this.#first = false;
    return [event];
  }

  #split(chunk: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    let index = 0;
    // Each is searched again only when it was passed: most streams have no CR at all, and some have no LF.
    let cr = chunk.indexOf(CR);
    let lf = chunk.indexOf(LF);
    while (index < chunk.length) {
      if (this.#afterCr) {
        this.#afterCr = false;
        if (chunk[index] === LF) {
          index += 1;
          continue;
        }
      }
      if (cr >= 0 && cr < index) cr = chunk.indexOf(CR, index);
      if (lf >= 0 && lf < index) lf = chunk.indexOf(LF, index);
      const lineEnd = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      if (lineEnd < 0) {
        this.#begun = true;
        this.#atLineStart = false;
        break;
      }
      const blank = this.#atLineStart && lineEnd === index;
      this.#atLineStart = true;
      this.#afterCr = chunk[lineEnd] === CR;
      index = lineEnd + 1;
      if (!blank) this.#begun = true;
      else if (this.#begun) {
        if (this.#afterCr && chunk[index] === LF) {
          this.#afterCr = false;
          index += 1;
        }
        events.push(this.#take(chunk.subarray(start, index)));
        start = index;
      }
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return events;
  }

  /**
   * The bytes left at the end of the stream as an event; null if there are none. They are an event without its blank
   * line, an event that was cut off, or stray blank lines (then `data` is null). The first two differ only in whether
   * their data can be parsed.
   */
  flush(): SseEvent | null {
    return this.#pendingBytes === 0 ? null : this.#take(NOTHING);
  }

  /**
   * The pending event, if it is small and its last line has ended, so that only the blank line is missing; it stays
   * pending. Null in nearly all cases, without a look at its bytes.
   */
  unended(): SseEvent | null {
    if (this.#pendingBytes === 0 || this.#pendingBytes > SMALL_EVENT_BYTES || !this.#atLineStart) return null;
    const raw = this.#pending.subarray(0, this.#pendingBytes);
    return parseEvent(raw, raw.toString('utf8'), this.#first);
  }

  #keep(bytes: Buffer): void {
    const needed = this.#pendingBytes + bytes.length;
    this.#check(needed);
    if (needed > this.#pending.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(2 * this.#pending.length, this.#maxEventBytes)));
      this.#pending.copy(grown, 0, 0, this.#pendingBytes);
      this.#pending = grown;
    }
    bytes.copy(this.#pending, this.#pendingBytes);
    this.#pendingBytes = needed;
  }

  #take(last: Buffer): SseEvent {
    let raw = last;
    if (this.#pendingBytes === 0) {
      this.#check(last.length);
    } else {
      this.#keep(last);
      raw = this.#pending.subarray(0, this.#pendingBytes);
      this.#pending = NOTHING;
      this.#pendingBytes = 0;
    }
    this.#atLineStart = true;
    this.#begun = false;
    const event = parseEvent(raw, raw.toString('utf8'), this.#first);
    this.#first = false;
    return event;
  }

  #check(bytes: number): void {
    if (bytes > this.#maxEventBytes) throw new SseOverflowError(`an event is larger than ${this.#maxEventBytes} bytes`);
  }
}

function parseEvent(raw: Buffer, decoded: string, first: boolean): SseEvent {
  const text = first && decoded.startsWith(BYTE_ORDER_MARK) ? decoded.slice(1) : decoded;
  // By far the most events are a single data line. Splitting it would cost as much as everything else here.
  if (text.startsWith('data: ') && text.indexOf('\n') === text.length - 2 && !text.includes('\r')) {
    return { raw, event: '', data: text.slice(6, -2) };
  }
  let event = '';
  let data: string | null = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data = data === null ? value : `${data}\n${value}`;
    else if (field === 'event') event = value;
  }
  return { raw, event, data };
}

/** The bytes of one `data:` event. */
export function sseData(payload: string): Buffer {
  return Buffer.from(`data: ${payload}\n\n`);
}

/** The terminal of a stream in OpenAI's dialect. */
export const DONE_EVENT = sseData('[DONE]');

/**
 * An event's bytes, ready for another stream. A byte order mark is removed, because the official clients read it as
 * part of the first field's name. A blank line is added if the upstream ended before it.
 */
export function wholeEvent(event: SseEvent): Buffer {
  const { raw } = event;
  const bytes = withoutByteOrderMark(raw);
  const last = bytes[bytes.length - 1];
  if (last === LF || last === CR) {
    const before = bytes[bytes.length - 2];
    // Ends in LF LF, CR CR, CR LF CR or CR LF CR LF. A single line end would leave the event open.
    if (before === LF || (before === CR && (last === CR || bytes[bytes.length - 3] === LF))) return bytes;
  }
  return Buffer.concat([bytes, Buffer.from('\n\n')]);
}

/**
 * The bytes of an event without data, as they go back: a comment's own. Of fields without data, such as a lone `event:` line,
 * there are none, since the official client of OpenAI parses the data that is not there.
 */
export function commentBytes(event: SseEvent): Buffer {
  return event.event === '' ? wholeEvent(event) : NOTHING;
}
