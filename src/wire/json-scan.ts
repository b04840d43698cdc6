/**
 * Checks a JSON text as its bytes arrive, and says where its outer values are. It accepts exactly what `JSON.parse`
 * accepts of valid UTF-8, but for escapes of half a surrogate pair. It builds no tree and keeps no text: its state is one
 * bit for each open bracket.
 *
 *   push(chunk) … push(chunk), end()      throws JsonFault at the first byte that is wrong, or over a limit
 *
 * Limits of shape: a tree costs its reader by its brackets, commas and names, not by its megabytes of image. So what
 * lies outside of strings is limited, and so is the depth.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { plainEnd } from './plain-bytes.ts';

/** What an observer is told: the outer values, down to `OBSERVED_DEPTH` brackets. Offsets count from the first byte. */
export interface ScanObserver {
  /** A name in an object within `depth` brackets: its bytes without quotes, escapes included. May throw `JsonFault`. */
  key(depth: number, bytes: Buffer, from: number, to: number): void;
  /** A value begins with `byte`, within `depth` brackets. */
  valueStart(depth: number, offset: number, byte: number): void;
  valueEnd(depth: number, offset: number): void;
  /** A string of at least `LONG_STRING_BYTES` that is no name, at any depth, quotes included; before its `valueEnd`. */
  longString?(start: number, end: number): void;
}

/** Why a text is refused. `key`: a name that the observer refuses. */
export type JsonFaultKind = 'syntax' | 'utf8' | 'surrogate' | 'depth' | 'shape' | 'key';

export class JsonFault extends Error {
  override readonly name = 'JsonFault';
  readonly kind: JsonFaultKind;

  constructor(kind: JsonFaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Brackets inside each other. */
export const MAX_DEPTH = 512;

/** Bytes outside of strings; their quotes count. */
export const MAX_BYTES_OUTSIDE_STRINGS = 4 * 1024 * 1024;

/** What is refused besides what is not JSON. */
interface ScanLimits {
  /** Whether bytes that are not UTF-8 are, and escapes that UTF-8 cannot say; `JSON.parse` takes both. */
  readonly utf8: boolean;
  readonly bytesOutsideStrings: number;
}

const ofRequests: ScanLimits = { utf8: true, bytesOutsideStrings: MAX_BYTES_OUTSIDE_STRINGS };

/** With quotes. */
export const LONG_STRING_BYTES = 1024;

/** Values within more brackets are checked, but not reported. */
const OBSERVED_DEPTH = 3;

/**
 * Longer names, in bytes with their escapes, are reported as one that nobody knows if a chunk ends in them. No name that
 * is looked for may be as long, whatever is escaped in it (`routing-keys.ts`).
 */
export const LONGEST_KEY = 192;
const UNKNOWN_KEY = Buffer.alloc(LONGEST_KEY + 1);
const NOTHING = Buffer.alloc(0);

/** The limits are checked after so many bytes. It also bounds how far a string's end is searched, again and again. */
const SLICE_BYTES = 64 * 1024;

const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LETTER_E = 0x65;
const LETTER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// What may come next. The order is used: up to FIRST_ITEM a value may begin, up to AFTER_VALUE it is between tokens, from
// IN_STRING to IN_HEX inside a string, and from AFTER_MINUS inside a number.
const VALUE = 0;
const FIRST_ITEM = 1;
const FIRST_KEY = 2;
const NEXT_KEY = 3;
const AFTER_KEY = 4;
const AFTER_VALUE = 5;
const IN_STRING = 6;
const IN_ESCAPE = 7;
const IN_HEX = 8;
const IN_LITERAL = 9;
// Numbers. Those from LEADING_ZERO to EXPONENT may end.
const AFTER_MINUS = 10;
const AFTER_DOT = 11;
const AFTER_E = 12;
const AFTER_E_SIGN = 13;
const LEADING_ZERO = 14;
const INTEGER = 15;
const FRACTION = 16;
const EXPONENT = 17;

const space = tableOf(' \t\r\n');
const escapes = tableOf('"\\/bfnrt');
const hexDigits = tableOf('0123456789abcdefABCDEF');

/** Literals by their first byte. */
const literals: readonly (string | undefined)[] = Object.assign([], { 116: 'true', 102: 'false', 110: 'null' });

export class JsonScan {
  readonly #observer: ScanObserver;
  readonly #limits: ScanLimits;
  /** One bit for each open bracket: whether it is an object's. */
  readonly #brackets = new Uint8Array(MAX_DEPTH / 8);
  #state = VALUE;
  #depth = 0;
  #inObject = false;
  /** Whether the string is a name. */
  #isKey = false;
  /** Where the name began in the current bytes; what chunks before had of it is in `#keyBefore`. */
  #keyFrom = 0;
  #keyBefore: Buffer = NOTHING;
  /** Where the string began that is no name. */
  #stringFrom = 0;
  /** Digits that an escape still needs, and the value of those before. */
  #hexLeft = 0;
  #hexValue = 0;
  /** Whether the escape before was the first half of a surrogate pair. */
  #afterHighSurrogate = false;
  #literal = '';
  #literalIndex = 0;
  /** Bytes before the current ones, and how many of all are inside of strings. */
  #offset = 0;
  #inside = 0;
  /** A character that a chunk has cut off. */
  #utf8Rest: Buffer = NOTHING;

  constructor(observer: ScanObserver, limits: ScanLimits = ofRequests) {
    this.#observer = observer;
    this.#limits = limits;
  }

  /** So far. Quotes count. */
  get bytesOutsideStrings(): number {
    return this.#offset - this.#inside;
  }

  /** Takes the next bytes; they are not kept. Throws `JsonFault`. */
  push(chunk: Buffer): void {
    if (this.#limits.utf8) this.#checkUtf8(chunk);
    const most = this.#limits.bytesOutsideStrings;
    for (let from = 0; from < chunk.length; from += SLICE_BYTES) {
      const slice = chunk.length <= SLICE_BYTES ? chunk : chunk.subarray(from, from + SLICE_BYTES);
      this.#scan(slice);
      this.#offset += slice.length;
      if (this.bytesOutsideStrings > most) {
        throw new JsonFault('shape', `more than ${most} bytes outside of strings`);
      }
    }
  }

  /** No more bytes will come. Throws `JsonFault` if the text is not whole. */
  end(): void {
    if (this.#state >= LEADING_ZERO) this.#state = this.#valueEnd(this.#offset);
    if (this.#state !== AFTER_VALUE || this.#depth > 0 || this.#utf8Rest.length > 0) throw syntax('an early end');
  }

  #scan(bytes: Buffer): void {
    const end = bytes.length;
    let state = this.#state;
    let index = 0;
    while (index < end) {
      if (state === IN_STRING) {
        const stop = plainEnd(bytes, index);
        if (this.#afterHighSurrogate && (stop > index || bytes[index] !== BACKSLASH)) this.#loneSurrogate();
        this.#inside += stop - index;
        if (stop === end) break;
        state = this.#afterPlain(bytes, stop);
        index = stop + 1;
        continue;
      }
      const byte = bytes[index] ?? 0;
      if (state <= AFTER_VALUE) {
        if (space[byte] === 0) state = this.#structure(state, byte, index);
      } else if (state >= AFTER_MINUS) {
        state = numberState(state, byte);
        if (state === AFTER_VALUE) {
          // The byte that ends a number is not its own, and is looked at again.
          this.#valueEnd(this.#offset + index);
          continue;
        }
      } else state = state === IN_LITERAL ? this.#inLiteral(byte, index) : this.#escape(state, byte);
      index += 1;
    }
    this.#state = state;
    if (this.#isKey && state >= IN_STRING && state <= IN_HEX) this.#keepKey(bytes);
  }

  /** The byte that ends a run of plain bytes in a string. */
  #afterPlain(bytes: Buffer, index: number): number {
    const byte = bytes[index];
    if (byte === QUOTE) return this.#endString(bytes, index);
    if (byte !== BACKSLASH) throw syntax('a control character in a string');
    this.#inside += 1;
    return IN_ESCAPE;
  }

  /** A byte between strings, numbers and literals. */
  #structure(state: number, byte: number, index: number): number {
    switch (byte) {
      case QUOTE:
        if (state === FIRST_KEY || state === NEXT_KEY) {
          this.#isKey = true;
          this.#keyFrom = index + 1;
          return IN_STRING;
        }
        if (state > FIRST_ITEM) break;
        this.#stringFrom = this.#offset + index;
        this.#valueStart(index, byte);
        return IN_STRING;
      case COLON:
        if (state !== AFTER_KEY) break;
        return VALUE;
      case COMMA:
        if (state !== AFTER_VALUE || this.#depth === 0) break;
        return this.#inObject ? NEXT_KEY : VALUE;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (state > FIRST_ITEM) break;
        this.#valueStart(index, byte);
        return this.#open(byte === OPEN_BRACE);
      case CLOSE_BRACE:
        if (!this.#inObject || (state !== AFTER_VALUE && state !== FIRST_KEY)) break;
        return this.#close(index);
      case CLOSE_BRACKET:
        if (this.#inObject || this.#depth === 0 || (state !== AFTER_VALUE && state !== FIRST_ITEM)) break;
        return this.#close(index);
      default:
        if (state > FIRST_ITEM) break;
        this.#valueStart(index, byte);
        return this.#scalar(byte);
    }
    throw syntax('a byte that is out of place');
  }

  #scalar(byte: number): number {
    if (byte === MINUS) return AFTER_MINUS;
    if (byte === ZERO) return LEADING_ZERO;
    if (byte > ZERO && byte <= NINE) return INTEGER;
    const literal = literals[byte];
    if (literal === undefined) throw syntax('a byte that begins no value');
    this.#literal = literal;
    this.#literalIndex = 1;
    return IN_LITERAL;
  }

  #open(isObject: boolean): number {
    if (this.#depth === MAX_DEPTH) throw new JsonFault('depth', `more than ${MAX_DEPTH} levels of nesting`);
    const bit = 1 << (this.#depth & 7);
    const at = this.#depth >> 3;
    this.#brackets[at] = isObject ? (this.#brackets[at] ?? 0) | bit : (this.#brackets[at] ?? 0) & ~bit;
    this.#depth += 1;
    this.#inObject = isObject;
    return isObject ? FIRST_KEY : FIRST_ITEM;
  }

  #close(index: number): number {
    this.#depth -= 1;
    const outer = this.#depth - 1;
    this.#inObject = outer >= 0 && ((this.#brackets[outer >> 3] ?? 0) & (1 << (outer & 7))) !== 0;
    return this.#valueEnd(this.#offset + index + 1);
  }

  #valueStart(index: number, byte: number): void {
    if (this.#depth <= OBSERVED_DEPTH) this.#observer.valueStart(this.#depth, this.#offset + index, byte);
  }

  #valueEnd(offset: number): number {
    if (this.#depth <= OBSERVED_DEPTH) this.#observer.valueEnd(this.#depth, offset);
    return AFTER_VALUE;
  }

  #endString(bytes: Buffer, index: number): number {
    if (!this.#isKey) {
      const end = this.#offset + index + 1;
      if (end - this.#stringFrom >= LONG_STRING_BYTES) this.#observer.longString?.(this.#stringFrom, end);
      return this.#valueEnd(end);
    }
    this.#isKey = false;
    if (this.#keyBefore.length > 0) {
      const key = this.#keyWith(bytes.subarray(0, index));
      this.#keyBefore = NOTHING;
      if (this.#depth <= OBSERVED_DEPTH) this.#observer.key(this.#depth, key, 0, key.length);
    } else if (this.#depth <= OBSERVED_DEPTH) this.#observer.key(this.#depth, bytes, this.#keyFrom, index);
    return AFTER_KEY;
  }

  /** The bytes end within a name. */
  #keepKey(bytes: Buffer): void {
    this.#keyBefore = this.#keyWith(bytes.subarray(this.#keyFrom));
    this.#keyFrom = 0;
  }

  #keyWith(more: Buffer): Buffer {
    const length = this.#keyBefore.length + more.length;
    return length > LONGEST_KEY ? UNKNOWN_KEY : Buffer.concat([this.#keyBefore, more], length);
  }

  #escape(state: number, byte: number): number {
    this.#inside += 1;
    if (state === IN_HEX) {
      if (hexDigits[byte] === 0) throw syntax('an invalid escape');
      // 0 to 9 are 0x30 to 0x39; of letters, the low four bits and 9.
      this.#hexValue = this.#hexValue * 16 + (byte & 0x0f) + (byte > NINE ? 9 : 0);
      this.#hexLeft -= 1;
      if (this.#hexLeft > 0) return IN_HEX;
      this.#checkSurrogate(this.#hexValue);
      return IN_STRING;
    }
    if (byte === LETTER_U) {
      this.#hexLeft = 4;
      this.#hexValue = 0;
      return IN_HEX;
    }
    if (this.#afterHighSurrogate) this.#loneSurrogate();
    if (escapes[byte] === 0) throw syntax('an invalid escape');
    return IN_STRING;
  }

  #checkSurrogate(unit: number): void {
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    if (isLow !== this.#afterHighSurrogate) this.#loneSurrogate();
    this.#afterHighSurrogate = unit >= 0xd800 && unit <= 0xdbff;
  }

  /** Half a pair is no character: UTF-8 cannot say it, and readers in Python, Rust and Go treat it differently. */
  #loneSurrogate(): void {
    this.#afterHighSurrogate = false;
    if (this.#limits.utf8) throw new JsonFault('surrogate', 'an escape that is half a surrogate pair');
  }

  #inLiteral(byte: number, index: number): number {
    if (byte !== this.#literal.charCodeAt(this.#literalIndex)) throw syntax('a word that is none');
    this.#literalIndex += 1;
    return this.#literalIndex < this.#literal.length ? IN_LITERAL : this.#valueEnd(this.#offset + index + 1);
  }

  #checkUtf8(chunk: Buffer): void {
    if (this.#utf8Rest.length === 0 && isAscii(chunk)) return;
    const bytes = this.#utf8Rest.length === 0 ? chunk : Buffer.concat([this.#utf8Rest, chunk]);
    const whole = bytes.length - cutOffBytes(bytes);
    if (!isUtf8(whole === bytes.length ? bytes : bytes.subarray(0, whole))) {
      throw new JsonFault('utf8', 'bytes that are not UTF-8');
    }
    this.#utf8Rest = whole === bytes.length ? NOTHING : Buffer.from(bytes.subarray(whole));
  }
}

/** What follows a byte within a number; `AFTER_VALUE` if the byte is no part of it. */
function numberState(state: number, byte: number): number {
  if (byte >= ZERO && byte <= NINE) {
    if (state >= INTEGER) return state;
    if (state === AFTER_MINUS) return byte === ZERO ? LEADING_ZERO : INTEGER;
    if (state === AFTER_DOT) return FRACTION;
    if (state !== LEADING_ZERO) return EXPONENT;
  } else if (byte === DOT && (state === INTEGER || state === LEADING_ZERO)) return AFTER_DOT;
  else if ((byte | 0x20) === LETTER_E && state >= LEADING_ZERO && state <= FRACTION) return AFTER_E;
  else if ((byte === PLUS || byte === MINUS) && state === AFTER_E) return AFTER_E_SIGN;
  else if (state >= LEADING_ZERO) return AFTER_VALUE;
  throw syntax('a number that is none');
}

/** How many bytes at the end begin a character whose other bytes are missing. */
function cutOffBytes(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

function syntax(what: string): JsonFault {
  return new JsonFault('syntax', what);
}
