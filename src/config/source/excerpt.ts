/**
 * A line of a source under a fault, with a caret under the column. Only spans that may be shown are taken over from the
 * text; all else becomes a mask, also what nobody has thought of. Pure.
 *
 * Columns count UTF-16 units, as places do; the caret stands where a terminal shows that character.
 */
import { caretColumn, cutAround, plainCharacters } from './terminal-text.ts';

/** Stands for what may be a secret. */
export const MASK = '•••';

/** A part of a text, in UTF-16 units; `to` is behind its last one. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly isShown: boolean;
}

/** The line, and a line with the caret, both behind a margin with the line's number. */
export type Excerpt = readonly [string, string];

/** What stands between values: indentation and signs. A comment and all else is not shown. */
const BETWEEN = /[\s\-?:,[\]{}]/;

/** So much of a long line is looked at, to both sides of the column. */
const REACH = 400;

/** @param spans in order, none over another; what lies between them is structure, comments, anchors and tags */
export function excerptOf(
  text: string,
  place: { line: number; col: number },
  at: number,
  spans: readonly Span[],
): Excerpt {
  const { line, col } = place;
  const [from, to] = [at - col + 1, endOfLine(text, at)];
  const [first, last] = [Math.max(from, at - REACH), Math.min(to, at + REACH)];
  let shown = '';
  let caret = 0;
  const add = (piece: string, begin: number, isText: boolean) => {
    const inside = at - begin;
    const known = isText ? piece : MASK;
    if (inside >= 0) caret = shown.length + (isText ? Math.min(inside, known.length) : 0);
    shown += known;
  };
  let next = first;
  for (const span of [...spansWithin(spans, first, last), { from: last, to: last, isShown: true }]) {
    const [begin, end] = [Math.max(span.from, first), Math.min(span.to, last)];
    const between = text.slice(next, begin);
    const comment = between.search(/(?:^|\s)#/);
    for (const { 0: piece, index } of between.slice(0, comment < 0 ? undefined : comment).matchAll(PIECES)) {
      add(piece, next + index, BETWEEN.test(piece));
    }
    if (comment >= 0) break;
    add(text.slice(begin, end), begin, span.isShown);
    next = end;
  }
  const plain = plainCharacters(shown, caret);
  const window = cutAround(plain.text, plain.at, first > from, last < to);
  const margin = ' '.repeat(String(line).length);
  return [`  ${line} | ${window.text}`.trimEnd(), `  ${margin} | ${' '.repeat(caretColumn(window))}^`];
}

/** Runs of signs, and of all else. */
const PIECES = /[\s\-?:,[\]{}]+|[^\s\-?:,[\]{}]+/g;

/** Where the line ends that this place is in. */
export function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  if (end < 0) return text.length;
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}

/** Those that reach into the part of the text. */
function spansWithin(spans: readonly Span[], first: number, last: number): Span[] {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) <= first) low = middle + 1;
    else high = middle;
  }
  const found: Span[] = [];
  for (let index = low; (spans[index]?.from ?? last) < last; index += 1) found.push(...spans.slice(index, index + 1));
  return found;
}
