/**
 * Splits the binary frames of Amazon's event streams (`application/vnd.amazon.eventstream`) into events:
 *
 *   4 bytes  length of the frame        4 bytes  length of its headers    4 bytes  CRC-32 of these 8
 *   headers  payload                                                      4 bytes  CRC-32 of all before
 *
 * All numbers are big-endian. An event's name is that of its type, its data is the payload. A frame is whole or it is not
 * there: both sums are checked, a length is believed only with its sum, and what the end of the bytes has cut off is no
 * event. Bytes that are no frame end the stream: nothing behind them can be told apart any more.
 *
 * Source: smithy.io, "Amazon Event Stream Specification".
 */
import { crc32 } from 'node:zlib';
import { textHeaders } from './aws-event-headers.ts';
import { ByteHold } from './byte-hold.ts';
import type { SseEvent } from './sse.ts';

const PRELUDE_BYTES = 12;
const SUM_BYTES = 4;
const SMALLEST_FRAME_BYTES = PRELUDE_BYTES + SUM_BYTES;
const MAX_HEADER_BYTES = 128 * 1024;
const NOTHING = Buffer.alloc(0);

/** The bytes of a stream are no frames. */
export class BrokenFrameError extends Error {
  override readonly name = 'BrokenFrameError';
  /** Those that the same chunk has completed before. */
  readonly events: readonly SseEvent[];

  constructor(message: string, events: readonly SseEvent[]) {
    super(message);
    this.events = events;
  }
}

/** What the headers of a frame say of it. */
interface FrameName {
  /** Of the event, the exception or the error; '' for a frame of another kind, which says nothing. */
  readonly event: string;
  readonly isError: boolean;
  /** In place of a payload: of an error, which has none. */
  readonly data: string | null;
}

/** Splits one stream. */
export class AwsEventStreamSplitter {
  readonly #maxFrameBytes: number;
  readonly #pending = new ByteHold();
  /** Nearly all frames have the headers of the one before. */
  #headers = NOTHING;
  #name: FrameName = { event: '', isError: false, data: null };

  constructor(maxFrameBytes = 16 * 1024 * 1024) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes of the frame that is not yet whole. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The events that `chunk` completes, in order. Throws `BrokenFrameError`. */
  push(chunk: Buffer): SseEvent[] {
    const bytes = this.#withPending(chunk);
    if (bytes === null) return [];
    const events: SseEvent[] = [];
    let start = 0;
    try {
      while (bytes.length - start >= PRELUDE_BYTES) {
        const end = start + this.#lengthAt(bytes, start);
        if (end > bytes.length) break;
        events.push(this.#eventIn(bytes.subarray(start, end)));
        start = end;
      }
    } catch (cause) {
      throw new BrokenFrameError(cause instanceof Error ? cause.message : String(cause), events);
    }
    this.#keep(bytes.subarray(start));
    return events;
  }

  /** What is left is no frame. */
  flush(): null {
    this.#pending.clear();
    return null;
  }

  /** No frame lacks only what ends it. */
  unended(): null {
    return null;
  }

  /** What is pending and the chunk in one; null while a frame is still not whole. */
  #withPending(chunk: Buffer): Buffer | null {
    const { length } = this.#pending;
    if (length === 0) return chunk;
    this.#pending.push(chunk, this.#maxFrameBytes);
    const { bytes } = this.#pending;
    // Its length was believed when it was kept.
    const isShort = length >= PRELUDE_BYTES ? bytes.length < bytes.readUInt32BE(0) : bytes.length < PRELUDE_BYTES;
    return isShort ? null : bytes;
  }

  #keep(rest: Buffer): void {
    if (rest.length === this.#pending.length) return;
    this.#pending.clear();
    if (rest.length > 0) this.#pending.push(rest, this.#maxFrameBytes);
  }

  /** The length of the frame that begins there. Throws `RangeError` if none does. */
  #lengthAt(bytes: Buffer, start: number): number {
    const length = bytes.readUInt32BE(start);
    const headerBytes = bytes.readUInt32BE(start + 4);
    const sum = crc32(bytes.subarray(start, start + 8));
    if (sum !== bytes.readUInt32BE(start + 8)) throw new RangeError('the lengths of a frame do not have its sum');
    if (length > this.#maxFrameBytes) throw new RangeError(`a frame is larger than ${this.#maxFrameBytes} bytes`);
    if (headerBytes > MAX_HEADER_BYTES || length < SMALLEST_FRAME_BYTES + headerBytes) {
      throw new RangeError('the headers of a frame are longer than it may hold');
    }
    return length;
  }

  /** Throws `RangeError` if the bytes are no frame. */
  #eventIn(raw: Buffer): SseEvent {
    const sumAt = raw.length - SUM_BYTES;
    if (crc32(raw.subarray(0, sumAt)) !== raw.readUInt32BE(sumAt))
      throw new RangeError('a frame does not have its sum');
    const payloadAt = PRELUDE_BYTES + raw.readUInt32BE(4);
    const { event, isError, data } = this.#nameIn(raw.subarray(PRELUDE_BYTES, payloadAt));
    if (event === '') return { raw, event, data: null };
    const payload = data ?? raw.toString('utf8', payloadAt, sumAt);
    return isError ? { raw, event, data: payload, isError } : { raw, event, data: payload };
  }

  #nameIn(headers: Buffer): FrameName {
    if (headers.length > 0 && headers.equals(this.#headers)) return this.#name;
    this.#name = nameOf(textHeaders(headers));
    this.#headers = Buffer.from(headers);
    return this.#name;
  }
}

/** A frame of a type that is not known says nothing, as a comment does. */
function nameOf(headers: ReadonlyMap<string, string>): FrameName {
  switch (headers.get(':message-type')) {
    case 'event':
      return { event: headers.get(':event-type') ?? '', isError: false, data: null };
    case 'exception':
      return { event: headers.get(':exception-type') ?? 'exception', isError: true, data: null };
    case 'error': {
      const message = headers.get(':error-message') ?? '';
      return { event: headers.get(':error-code') ?? 'error', isError: true, data: JSON.stringify({ message }) };
    }
    default:
      return { event: '', isError: false, data: null };
  }
}
