/**
 * Splits a byte stream into whole server-sent events, keeping each one's bytes exactly as they came, so that a dialect
 * that needs no translation is relayed untouched and a half event is never passed on.
 *
 * What survives chunk borders: an unfinished event's bytes, whatever byte the cut falls on (UTF-8 is decoded only once
 * an event is whole). Lines end in LF, CR LF or CR, as the grammar has it; a CR at the end of a chunk waits for the
 * next byte to tell. `flush` gives what stands without its closing blank line. The buffer is bounded by
 * `maxEventBytes`; every byte is looked at once, so many small chunks of one big event cost linear time.
 */

const LF = 10;
const CR = 13;

/** One event: `raw` holds its bytes with the blank line that ended it. A comment alone is an event with no data. */
export interface SseEvent {
  readonly raw: Buffer;
  /** The `event:` field, empty where there was none. */
  readonly event: string;
  /** The `data:` lines joined with LF; null when the event had none (comments, bare fields). */
  readonly data: string | null;
}

/** An event grew over the limit: the stream cannot be understood any more. */
export class SseOverflowError extends Error {
  override readonly name = 'SseOverflowError';
}

export class SseSplitter {
  private readonly maxEventBytes: number;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private lineEmpty = true;
  private sawContent = false;
  private afterCr = false;

  constructor(maxEventBytes = 16 * 1024 * 1024) {
    this.maxEventBytes = maxEventBytes;
  }

  /** The events that `chunk` completes, in order. Throws `SseOverflowError`. */
  push(chunk: Buffer): SseEvent[] {
    const events: SseEvent[] = [];
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      if (byte === LF && this.afterCr) {
        this.afterCr = false;
        // The LF of a CR LF: it belongs to the line that the CR ended, and to the event if that ended there.
        if (!this.sawContent && this.pendingBytes === 0 && index === start) start = index;
        continue;
      }
      this.afterCr = byte === CR;
      if (byte !== LF && byte !== CR) {
        this.lineEmpty = false;
        this.sawContent = true;
        continue;
      }
      if (!this.lineEmpty) {
        this.lineEmpty = true;
        continue;
      }
      if (!this.sawContent) continue;
      let end = index + 1;
      if (byte === CR && chunk[end] === LF) {
        end += 1;
        index += 1;
        this.afterCr = false;
      }
      events.push(this.take(chunk.subarray(start, end)));
      start = end;
    }
    if (start < chunk.length) this.keep(chunk.subarray(start));
    return events;
  }

  /** What is left at the end of the stream: an event that lacked only its blank line, or null. */
  flush(): SseEvent | null {
    if (!this.sawContent) return null;
    return this.take(Buffer.alloc(0));
  }

  private keep(bytes: Buffer): void {
    this.pendingBytes += bytes.length;
    if (this.pendingBytes > this.maxEventBytes) {
      throw new SseOverflowError(`an event is larger than ${this.maxEventBytes} bytes`);
    }
    this.pending.push(bytes);
  }

  private take(last: Buffer): SseEvent {
    const raw = this.pendingBytes === 0 ? last : Buffer.concat([...this.pending, last]);
    this.pending = [];
    this.pendingBytes = 0;
    this.lineEmpty = true;
    this.sawContent = false;
    return parseEvent(raw);
  }
}

function parseEvent(raw: Buffer): SseEvent {
  let event = '';
  let data: string | null = null;
  for (const line of raw.toString('utf8').split(/\r\n|\n|\r/)) {
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
