/**
 * Takes the text out of the arguments of a custom tool's function, piece by piece:
 *
 *   {"input": "*** Begin Pat   ch\n…"}      ──►      *** Begin Pat   ch⏎…
 *
 * Its escapes are undone as they come. Arguments of another form are held until they are whole: then the text is what
 * stands under `input`, or the one text in them under another name (`{"patch": …}`), as some models have learnt it, or else
 * all of them, since others write the text itself.
 */
import { asRecord, asString, parseJson } from '../../shared/json.ts';
import { CUSTOM_INPUT } from './client-tools.ts';

const beginning = new RegExp(String.raw`^\s*\{\s*"${CUSTOM_INPUT}"\s*:\s*"`);

/** How far it may go until the text begins. Spaces in between are never so many. */
const LONGEST_BEGINNING = 256;

const simple: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

export class UnwrappedInput {
  /** Where in the arguments it is, by their text; `other`: they are of another form. */
  #state: 'before' | 'within' | 'behind' | 'other' = 'before';
  /** What has come and is not told: the beginning, an escape that is cut off, or arguments of another form. */
  #held = '';
  #text = '';

  /** The text as far as it has been told. */
  get text(): string {
    return this.#text;
  }

  /** The next piece of the text; may be empty. */
  push(piece: string): string {
    if (this.#state === 'behind') return '';
    this.#held += piece;
    if (this.#state === 'before') this.#begin();
    return this.#state === 'within' ? this.#told(this.#unescaped()) : '';
  }

  /** The last piece, when nothing more comes. */
  end(): string {
    if (this.#state !== 'before' && this.#state !== 'other') return '';
    const held = this.#held;
    this.#held = '';
    this.#state = 'behind';
    return this.#told(textIn(held) ?? (held === '{}' ? '' : held));
  }

  #begin(): void {
    const found = beginning.exec(this.#held);
    if (found !== null) {
      this.#held = this.#held.slice(found[0].length);
      this.#state = 'within';
    } else if (this.#held.length > LONGEST_BEGINNING) this.#state = 'other';
  }

  #told(piece: string): string {
    this.#text += piece;
    return piece;
  }

  /** Takes from what is held all that is whole. */
  #unescaped(): string {
    const held = this.#held;
    let text = '';
    let from = 0;
    const special = /["\\]/g;
    for (let found = special.exec(held); found !== null; found = special.exec(held)) {
      text += held.slice(from, found.index);
      from = found.index;
      if (held[from] === '"') {
        this.#state = 'behind';
        this.#held = '';
        return text;
      }
      const character = escapeAt(held, from);
      if (character === null) {
        this.#held = held.slice(from);
        return text;
      }
      text += character.text;
      from += character.length;
      special.lastIndex = from;
    }
    this.#held = '';
    return text + held.slice(from);
  }
}

/** Null if they are not the text of a tool in JSON. */
function textIn(args: string): string | null {
  const record = asRecord(parseJson(args)) ?? {};
  const [only, ...others] = Object.values(record);
  return asString(record[CUSTOM_INPUT]) ?? (others.length === 0 ? asString(only) : null);
}

/** The character of an escape; of a character in two escapes, both. Null if it is not whole. */
function escapeAt(held: string, at: number): { readonly text: string; readonly length: number } | null {
  const kind = held[at + 1];
  if (kind === undefined) return null;
  if (kind !== 'u') return { text: simple.get(kind) ?? kind, length: 2 };
  if (held.length < at + 6) return null;
  const code = Number.parseInt(held.slice(at + 2, at + 6), 16);
  const isFirstHalf = code >= 0xd800 && code < 0xdc00;
  if (!isFirstHalf) return { text: Number.isNaN(code) ? '\ufffd' : String.fromCharCode(code), length: 6 };
  // Half a character cannot be written: it waits for its other half.
  const next = held.slice(at + 6, at + 12);
  if (next.length < 6 && '\\u'.startsWith(next.slice(0, 2))) return null;
  const other = /^\\u(d[c-f][\da-f]{2})$/i.exec(next)?.[1];
  if (other === undefined) return { text: '\ufffd', length: 6 };
  return { text: String.fromCharCode(code, Number.parseInt(other, 16)), length: 12 };
}
