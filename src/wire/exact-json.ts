/**
 * Parses JSON so that it can be written again with the digits it came with. JavaScript's numbers lose what is beyond 2^53,
 * and a tool that is called with the id 9007199254740993 must not get 9007199254740992.
 *
 *   {"id": 9007199254740993}  ──►  {"id": "‹mark 0›"}  ──►  { id: JSON.rawJSON('9007199254740993') }
 *
 * A number that would change becomes its own text, which guards read as no number: it is meant for values that are passed
 * on. All others stay numbers. `JSON.parse` could show each number's text itself, but then it calls a function for every
 * value: half a second for a tree that it parses in 10 ms.
 */
import { randomBytes } from 'node:crypto';
import { asRecord, type JsonRecord } from '../shared/json.ts';
import { parseBounded } from './bounded-json.ts';

/** What the standard has and the compiler's library does not know yet. */
interface RawJson {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}

const { rawJSON, isRawJSON } = JSON as unknown as RawJson;

type Parse = (text: string) => unknown;

/** A run of so many digits and points may not fit into a number; every number of fewer digits does. */
const LONG_NUMBER = 16;

/** The shortest of all that would change, within brackets: `[1e309]`. */
const SHORTEST = 7;

/** A number that may be infinite to a double. */
const outOfRange = /\d[eE]\+?\d{3}/;

const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;

/**
 * A number that begins with such a run or is out of range, as the grammar has it: of what is no JSON, something is left
 * beside a match, and so it stays none.
 */
const longNumber = /(?<![\w.+-])-?(?=[\d.]{16}|[\d.]+[eE]\+?\d{3})(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\s*:)/g;

/** Parses any text; `undefined` if it is not JSON, or if its tree would be too large. */
export function parseExact(text: string): unknown {
  return hasLongRun(text) || outOfRange.test(text) ? parseMarked(text, parseBounded, 0) : parseBounded(text);
}

/**
 * Parses a request, an answer or an event, as `parse` does. Its own fields are read by guards and stay numbers; what is
 * within them is exact, unless all that is special is a number out of range (`1e999`), for which every payload would have to
 * be searched.
 */
export function parsePayload(text: string, parse: Parse = parseBounded): unknown {
  return hasLongRun(text) ? parseMarked(text, parse, 1) : parse(text);
}

/** The value as an object; null for all else, a number that is its own text included. */
export function asExactRecord(value: unknown): JsonRecord | null {
  return isRawJSON(value) ? null : asRecord(value);
}

/** @param plainDepth numbers with so many brackets around them, or fewer, stay numbers */
function parseMarked(text: string, parse: Parse, plainDepth: number): unknown {
  // Nobody who sends a text can know it.
  const marks = new Marks(randomBytes(16).toString('hex'));
  const marked = marks.put(text);
  const tree = parse(marked);
  return marks.isEmpty ? tree : marks.taken(tree, plainDepth);
}

/** Looks at one place of many: a run as long as that covers one of them, and the place before or after it, half as far. */
function hasLongRun(text: string): boolean {
  const half = LONG_NUMBER / 2;
  for (let at = LONG_NUMBER - 1; at < text.length; at += LONG_NUMBER) {
    if (!isOfNumber(text.charCodeAt(at))) continue;
    if (!isOfNumber(text.charCodeAt(at - half)) && !isOfNumber(text.charCodeAt(at + half))) continue;
    let from = at;
    while (from > 0 && isOfNumber(text.charCodeAt(from - 1))) from -= 1;
    let to = at + 1;
    while (to < text.length && isOfNumber(text.charCodeAt(to))) to += 1;
    if (to - from >= LONG_NUMBER) return true;
  }
  return false;
}

function isOfNumber(character: number): boolean {
  return (character >= DIGIT_0 && character <= DIGIT_9) || character === POINT;
}

/** Of one text: a string in the place of each number that would change. */
class Marks {
  readonly #name: string;
  readonly #numbers: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  get isEmpty(): boolean {
    return this.#numbers.length === 0;
  }

  put(text: string): string {
    let marked = '';
    let copied = 0;
    for (let at = 0; at < text.length; ) {
      const quote = text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote;
      if (end - at >= SHORTEST) {
        marked += text.slice(copied, at) + text.slice(at, end).replace(longNumber, (source) => this.#markFor(source));
        copied = end;
      }
      at = quote < 0 ? end : afterString(text, quote);
    }
    return copied === 0 ? text : marked + text.slice(copied);
  }

  /** The tree with the numbers in the places of their marks. It is walked without recursion, as it may be deep. */
  taken(tree: unknown, plainDepth: number): unknown {
    const root = [tree];
    let level: object[] = [root];
    for (let depth = 0; level.length > 0; depth += 1) {
      const next: object[] = [];
      const made = depth > plainDepth ? rawJSON : Number;
      for (const container of level) this.#fill(container, made, next);
      level = next;
    }
    return root[0];
  }

  /** @param next gets what is within the container and may hold marks */
  #fill(container: object, made: (source: string) => unknown, next: object[]): void {
    if (Array.isArray(container)) {
      const list: unknown[] = container;
      for (let at = 0; at < list.length; at += 1) list[at] = this.#filled(list[at], made, next);
      return;
    }
    const record = container as Record<string, unknown>;
    // Each is its own, `__proto__` too.
    for (const key of Object.keys(record)) {
      const value = record[key];
      const filled = this.#filled(value, made, next);
      if (filled !== value) record[key] = filled;
    }
  }

  #filled(value: unknown, made: (source: string) => unknown, next: object[]): unknown {
    if (typeof value === 'object' && value !== null) next.push(value);
    if (typeof value !== 'string' || !value.startsWith(this.#name)) return value;
    const source = this.#numbers[Number(value.slice(this.#name.length))];
    return source === undefined ? value : made(source);
  }

  #markFor(source: string): string {
    if (!wouldChange(source)) return source;
    this.#numbers.push(source);
    return `"${this.#name}${this.#numbers.length - 1}"`;
  }
}

/** Where the string ends that begins with this quote. */
function afterString(text: string, quote: number): number {
  for (let end = text.indexOf('"', quote + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((end - before) % 2 === 1) return end + 1;
  }
  return text.length;
}

function wouldChange(source: string): boolean {
  if (!Number.isFinite(Number(source))) return true;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return digits.length >= LONG_NUMBER && source !== String(Number(source));
}
