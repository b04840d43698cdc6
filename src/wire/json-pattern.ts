/**
 * A JSON text with some of its strings left open: whatever matches it is the same JSON but for those strings, and need
 * not be parsed to be understood. Nearly all events of a stream are like the one before, with another piece of text.
 */

/** What may stand between the quotes of a JSON string (RFC 8259, 7) that is not empty; more control characters refused. */
const STRING_BODY = /(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))+/uy;

export class JsonPattern {
  /** What stands around the open strings, their quotes included. */
  readonly #literals: readonly string[];

  private constructor(literals: readonly string[]) {
    this.#literals = literals;
  }

  /**
   * The pattern of a JSON text in which the strings under these keys are open: those keys that stand there once, with a
   * string that is not empty. Null where there is none.
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

  /** Whether `text` is the same but for the open strings, none of which is empty. */
  matches(text: string): boolean {
    let at = 0;
    let isFirst = true;
    for (const literal of this.#literals) {
      if (!isFirst) at = endOfString(text, at);
      if (at < 0 || !text.startsWith(literal, at)) return false;
      at += literal.length;
      isFirst = false;
    }
    return at === text.length;
  }
}

/** Where the only string under `key` stands, without its quotes. */
function onlyString(text: string, key: string): { readonly start: number; readonly end: number } | null {
  const name = `"${key}":`;
  const at = text.indexOf(name);
  if (at < 0 || text.indexOf(name, at + 1) >= 0) return null;
  const quote = at + name.length + (text[at + name.length] === ' ' ? 1 : 0);
  const end = text[quote] === '"' ? endOfString(text, quote + 1) : -1;
  return end < 0 || text[end] !== '"' ? null : { start: quote + 1, end };
}

/** The index after what may stand in a string from `start` on; -1 where that is nothing. */
function endOfString(text: string, start: number): number {
  STRING_BODY.lastIndex = start;
  return STRING_BODY.test(text) ? STRING_BODY.lastIndex : -1;
}
