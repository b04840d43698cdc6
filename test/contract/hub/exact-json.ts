/**
 * Parses a provider's JSON so that it can be written again with the digits it came with. JavaScript's numbers lose what
 * is beyond 2^53, and a tool that is called with the id 9007199254740993 must not get 9007199254740992.
 *
 * A number that would change becomes its own text (`JSON.rawJSON`), which guards read as no number: it is meant for
 * values that are passed on. All others stay numbers.
 */
import { parseBounded } from '../../../src/wire/bounded-json.ts';

/** What the standard has and the compiler's library does not know yet. */
interface SourceJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

const sourceJson = JSON as unknown as SourceJson;

/** Of nearly all texts, that no number in them needs care. It may also match within strings, which costs only time. */
const suspicious = /[\d.]{16}|\d[eE]/;

/** Every number of so many decimal digits keeps them. */
const SAFE_DIGITS = 15;

/** Parses any text; `undefined` if it is not JSON, or if its tree would be too large or too deep. */
export function parseExact(text: string): unknown {
  const tree = parseBounded(text);
  if (tree === undefined || !suspicious.test(text)) return tree;
  try {
    return sourceJson.parse(text, (_key, value, { source }) =>
      typeof value === 'number' && source !== undefined && wouldChange(value, source)
        ? sourceJson.rawJSON(source)
        : value,
    );
  } catch (error) {
    // It walks by recursion, so a tree that is too deep ends here.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function wouldChange(value: number, source: string): boolean {
  if (!Number.isFinite(value)) return true;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  return digits.length > SAFE_DIGITS && source !== String(value);
}
