/**
 * Keeps of a large JSON text, as it comes, what is read of an answer: its outer values, with the long ones shortened. A
 * large answer is large because of one text, an image, or something that nobody reads here, and a tree of it would stall
 * the process: megabytes of `{}` for seconds. What is left is small, whatever came.
 *
 *   choices[].message     a long one becomes {"-":["-"]}: it has content, and nothing else of it is read
 *   choices[].logprobs    the same
 *   a long string         becomes "-"
 *
 * It keeps offsets, no text. Its text is judged as `JSON.parse` would judge it, but for invalid UTF-8, which passes.
 */
import { JsonFault, JsonScan, LONG_STRING_BYTES, type ScanObserver } from './json-scan.ts';

/** An answer with so many bytes needs one. */
export const LARGE_BYTES = 64 * 1024;

/** The longest text of a value that is left, in bytes, by the number of brackets around it; deeper is never cut alone. */
const LONGEST = [512 * 1024, 384 * 1024, 384 * 1024, 1024] as const;

/** Brackets around a text in Anthropic's dialect: {"content":[{"text":"…"}]}. */
const TEXT_DEPTH = 3;

/** A longer string is cut at any of these places. */
const LONGEST_STRING = 4096;

const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** What is put in the place of a value, by its first byte; numbers become 0. */
const short: readonly (string | undefined)[] = Object.assign([], {
  [QUOTE]: '"-"',
  [OPEN_BRACKET]: '["-"]',
  [OPEN_BRACE]: '{"-":["-"]}',
});

/** A value that is left out. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly instead: string;
  /** Bytes that were cut up to here, this one included. */
  readonly total: number;
}

/** A value that has begun and not ended. */
interface OpenValue {
  start: number;
  byte: number;
  /** Bytes that had been cut before it. */
  cutBefore: number;
}

export class JsonDigest implements ScanObserver {
  readonly #scan = new JsonScan(this, { utf8: false, bytesOutsideStrings: Number.POSITIVE_INFINITY });
  readonly #open: readonly OpenValue[] = LONGEST.map(() => ({ start: 0, byte: 0, cutBefore: 0 }));
  readonly #cuts: Cut[] = [];
  /** The places of the long strings within three brackets, as `long-strings.ts` takes them: texts of an answer's parts. */
  readonly longTexts: number[] = [];
  #fault: JsonFault | null = null;
  #hasEnded = false;

  /** The digest of a text that is there already. */
  static of(bytes: Buffer): JsonDigest {
    const digest = new JsonDigest();
    digest.push(bytes);
    return digest;
  }

  /** The digest of an answer that is large enough to need one; null for any other. @param arrived made while it came */
  static ofLarge(bytes: Buffer, arrived: JsonDigest | null): JsonDigest | null {
    return bytes.length < LARGE_BYTES ? null : (arrived ?? JsonDigest.of(bytes));
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Buffer): void {
    if (this.#fault !== null) return;
    try {
      this.#scan.push(chunk);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      this.#fault = error;
    }
  }

  /** Whether what has come is one whole object or array, so that only spaces may follow. */
  get isWhole(): boolean {
    return this.#fault === null && this.#hasEnded;
  }

  /** Whether it is no broken JSON: whole, one value after the other, or too deep to be looked at. */
  get isSound(): boolean {
    return this.#hasEnded || this.#fault?.kind === 'depth';
  }

  get bytesOutsideStrings(): number {
    return this.#scan.bytesOutsideStrings;
  }

  /** The shortened text of a whole one. @param bytes all that were pushed */
  text(bytes: Buffer): string {
    let text = '';
    let from = 0;
    for (const { start, end, instead } of this.#cuts) {
      text += bytes.toString('utf8', from, start) + instead;
      from = end;
    }
    return text + bytes.toString('utf8', from);
  }

  key(): void {
    // Values are judged by their length and their place alone.
  }

  valueStart(depth: number, offset: number, byte: number): void {
    const value = this.#open[depth];
    if (value === undefined) return;
    value.start = offset;
    value.byte = byte;
    value.cutBefore = this.#cutBytes;
  }

  valueEnd(depth: number, offset: number): void {
    const value = this.#open[depth];
    const longest = LONGEST[depth];
    if (value === undefined || longest === undefined) return;
    if (depth === 0) this.#hasEnded = value.byte === OPEN_BRACE || value.byte === OPEN_BRACKET;
    const { start, byte, cutBefore } = value;
    if (depth === TEXT_DEPTH && byte === QUOTE && offset - start >= LONG_STRING_BYTES)
      this.longTexts.push(start, offset);
    const kept = offset - start - (this.#cutBytes - cutBefore);
    if (kept <= (byte === QUOTE ? Math.min(longest, LONGEST_STRING) : longest)) return;
    // What was cut inside it goes with it.
    while ((this.#cuts.at(-1)?.start ?? -1) >= start) this.#cuts.pop();
    const total = this.#cutBytes + offset - start;
    this.#cuts.push({ start, end: offset, instead: short[byte] ?? '0', total });
  }

  get #cutBytes(): number {
    return this.#cuts.at(-1)?.total ?? 0;
  }
}
