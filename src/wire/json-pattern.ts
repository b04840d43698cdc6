/**
 * A JSON text in which some strings are open, that is, may have any value. A text that matches is the same JSON except
 * for those strings, so it need not be parsed. Nearly all events of a stream differ from the previous one only in a
 * piece of text.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Codes below this are control characters. */
const FIRST_PLAIN = 0x20;
const SIMPLE_ESCAPES = '"\\/bfnrt';
const FOUR_DIGITS = /^[\da-fA-F]{4}$/;

export class JsonPattern {
  /** The text around the open strings, including their quotes. */
  readonly #literals: readonly string[];

  private constructor(literals: readonly string[]) {
    this.#literals = literals;
  }

  /**
   * Makes the pattern of a JSON text. The strings under `keys` are open if the key occurs exactly once and its string
   * is not empty. Null if no key qualifies.
   */
  static of(text: string, keys: readonly string[]): JsonPattern | null {
    const open = keys.flatMap((key) => onlyString(text, key) ?? []).sort((one, other) => one.start - other.start);
    if (open.length === 0) return null;
    const literals: string[] = [];
    let kept = 0;
    for (const { start, end } of open) {
      literals.push(text.slice(kept, start));
      kept = end;
    }
    return new JsonPattern([...literals, text.slice(kept)]);
  }

  /** Whether `text` is the same except for the open strings, and none of those is empty. */
  matches(text: string): boolean {
    let at = 0;
    let isFirst = true;
    for (const literal of this.#literals) {
      if (!isFirst) at = endOfString(text, at);
      // Comparing slices is many times faster than `startsWith` with a position.
      if (at < 0 || text.slice(at, at + literal.length) !== literal) return false;
      at += literal.length;
      isFirst = false;
    }
    return at === text.length;
  }
}

/** The range of the only string under `key`, without its quotes; null if there is none or more than one. */
function onlyString(text: string, key: string): { readonly start: number; readonly end: number } | null {
  const name = `"${key}":`;
  const at = text.indexOf(name);
  if (at < 0 || text.indexOf(name, at + 1) >= 0) return null;
  const quote = at + name.length + (text[at + name.length] === ' ' ? 1 : 0);
  const end = text[quote] === '"' ? endOfString(text, quote + 1) : -1;
  return end < 0 ? null : { start: quote + 1, end };
}

/**
 * The index of the quote that ends the string whose text begins at `start` (RFC 8259, 7); -1 if the string is empty, is
 * not valid JSON, or is not closed. Written by hand: a regular expression stores a backtracking point for each
 * character and fails on megabytes.
 */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at > start ? at : -1;
    if (code < FIRST_PLAIN) return -1;
    at += code === BACKSLASH ? escapeLength(text, at) : 1;
    if (Number.isNaN(at)) return -1;
  }
  return -1;
}

/** Length of the escape sequence that begins at `at`; NaN if it is not valid. */
function escapeLength(text: string, at: number): number {
  const kind = text.charAt(at + 1);
  if (kind === 'u') return FOUR_DIGITS.test(text.slice(at + 2, at + 6)) ? 6 : Number.NaN;
  return kind !== '' && SIMPLE_ESCAPES.includes(kind) ? 2 : Number.NaN;
}
