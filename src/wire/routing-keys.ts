/**
 * The names at the top of a request that decide what becomes of it, as a table of one dialect. A name that is only like
 * a strict one is found too: readers written in Go take `Model` and `ſtream` for `model` and `stream`, and the last one
 * wins.
 *
 * It is asked for each name at the top of each request. Nearly all others have a length that none of these has, or
 * differ in the first letter.
 */
import { LONGEST_KEY } from './json-scan.ts';

/** One of the names. */
interface KnownKey<Name extends string> {
  readonly name: Name;
  /** Whether it may stand once, and in its own case only. */
  readonly isStrict: boolean;
}

/** What a name in a text means, and whether it is written exactly so; only a strict key is found in another case. */
interface FoundKey<Name extends string> extends KnownKey<Name> {
  readonly isExact: boolean;
}

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_A = 0x61;
const ESCAPE_BYTES = '\\u0000'.length;

const DIFFERENT = 0;
const IN_ANOTHER_CASE = 1;
const SAME = 2;

/** Made once for a dialect. */
export class KeyTable<Name extends string> {
  readonly #keys: readonly KnownKey<Name>[];
  readonly #byLength: readonly (readonly KnownKey<Name>[] | undefined)[];
  /** Longer names, in bytes, cannot be one of them, whatever is escaped. */
  readonly #longestBytes: number;

  /**
   * All names are in lower case, digits and underlines. Throws if one is longer than a scan keeps of a name.
   *
   * @param strict are refused if they stand there twice, or in another case
   * @param plain are any reader's names, found as they are written
   */
  constructor(strict: readonly Name[], plain: readonly Name[]) {
    this.#keys = [
      ...strict.map((name) => ({ name, isStrict: true })),
      ...plain.map((name) => ({ name, isStrict: false })),
    ];
    this.#longestBytes = ESCAPE_BYTES * Math.max(...this.#keys.map(({ name }) => name.length));
    if (this.#longestBytes > LONGEST_KEY) throw new Error('a name is too long to be found in every spelling');
    this.#byLength = Array.from({ length: this.#longestBytes + 1 }, (_, length) => {
      const keys = this.#keys.filter(({ name }) => name.length === length);
      return keys.length === 0 ? undefined : keys;
    });
  }

  /** The key that the name between `from` and `to`, escapes included, is or resembles; null for any other name. */
  find(bytes: Buffer, from: number, to: number): FoundKey<Name> | null {
    if (to - from > this.#longestBytes) return null;
    for (let index = from; index < to; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte < 0x80 && byte !== BACKSLASH) continue;
      return this.#mayBeKey(bytes, from, to) ? this.#findText(textOf(bytes, from, to)) : null;
    }
    const keys = this.#byLength[to - from];
    if (keys === undefined) return null;
    for (const { name, isStrict } of keys) {
      const likeness = likenessOf(name, bytes, from);
      if (likeness === SAME || (likeness === IN_ANOTHER_CASE && isStrict)) {
        return { name, isStrict, isExact: likeness === SAME };
      }
    }
    return null;
  }

  /** Whether a name that is not plain has the length of a key, and its first letter: to decode it takes a microsecond. */
  #mayBeKey(bytes: Buffer, from: number, to: number): boolean {
    const first = firstCharacter(bytes, from);
    const keys = this.#byLength[charactersIn(bytes, from, to)];
    return keys?.some(({ name }) => first === null || (first | 0x20) === name.charCodeAt(0)) ?? false;
  }

  /** The long s and the Kelvin sign are the only characters outside of ASCII that fold to a letter of it. */
  #findText(text: unknown): FoundKey<Name> | null {
    if (typeof text !== 'string') return null;
    const folded = text.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
    const key = this.#keys.find(({ name, isStrict }) => name === (isStrict ? folded : text));
    return key === undefined ? null : { ...key, isExact: text === key.name };
  }
}

/** Whether the name between `from` and `to` is exactly `name`, each of whose letters may be an escape. */
export function isName(name: string, bytes: Buffer, from: number, to: number): boolean {
  const length = to - from;
  if (length < name.length || length > ESCAPE_BYTES * name.length) return false;
  let index = 0;
  while (index < name.length && bytes[from + index] === name.charCodeAt(index)) index += 1;
  if (index === name.length) return length === index;
  return bytes[from + index] === BACKSLASH && textOf(bytes, from, to) === name;
}

/** How many characters a name has, each of which may be an escape or several bytes. */
function charactersIn(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  let index = from;
  while (index < to) {
    const byte = bytes[index] ?? 0;
    if (byte === BACKSLASH) index += bytes[index + 1] === LETTER_U ? ESCAPE_BYTES : 2;
    else index += 1;
    // The other bytes of a character are 10xxxxxx.
    if ((byte & 0xc0) !== 0x80) count += 1;
  }
  return count;
}

/** The code of a name's first character if it is of ASCII, null for any other. */
function firstCharacter(bytes: Buffer, from: number): number | null {
  const byte = bytes[from] ?? 0;
  if (byte !== BACKSLASH) return byte < 0x80 ? byte : null;
  // Above 0x7f, one of the first two digits or the third is not as it is here.
  if (bytes[from + 1] !== LETTER_U || bytes[from + 2] !== ZERO || bytes[from + 3] !== ZERO) return null;
  const code = hexDigit(bytes[from + 4] ?? 0) * 16 + hexDigit(bytes[from + 5] ?? 0);
  return code < 0x80 ? code : null;
}

/** @param byte of a digit or a letter from a to f, in either case */
function hexDigit(byte: number): number {
  return byte <= NINE ? byte - ZERO : (byte | 0x20) - LOWER_A + 10;
}

function likenessOf(name: string, bytes: Buffer, from: number): number {
  let likeness = SAME;
  for (let index = 0; index < name.length; index += 1) {
    const wanted = name.charCodeAt(index);
    const byte = bytes[from + index] ?? 0;
    if (byte === wanted) continue;
    if (wanted < LOWER_A || (byte | 0x20) !== wanted) return DIFFERENT;
    likeness = IN_ANOTHER_CASE;
  }
  return likeness;
}

function textOf(bytes: Buffer, from: number, to: number): unknown {
  return JSON.parse(`"${bytes.toString('utf8', from, to)}"`);
}
