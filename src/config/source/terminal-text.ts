/** A line of foreign text as a terminal can show it: no control characters, cut to a width, and how wide its parts are. Pure. */
import { movingCharacters } from '../../shared/plain-name.ts';

const WIDTH = 100;
/** Left of the caret, where a line is cut. */
const LEAD = 60;

/** What takes two columns: the scripts of East Asia, full-width forms, and emoji (UAX 11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text with a place in it, in UTF-16 units. */
interface Marked {
  readonly text: string;
  readonly at: number;
}

/** Without control characters; a tab is two spaces. */
export function plainCharacters(text: string, at: number): Marked {
  const plain = (part: string) => part.replaceAll('\t', '  ').replace(movingCharacters, '·');
  const before = plain(text.slice(0, at));
  return { text: before + plain(text.slice(at)), at: before.length };
}

/** How many columns a terminal needs for what stands before the place. */
export function caretColumn({ text, at }: Marked): number {
  return widthOf(text.slice(0, at));
}

/** The part of a line around the place, with a sign where it goes on. */
export function cutAround(text: string, at: number, isCutBefore: boolean, isCutBehind: boolean): Marked {
  const before = partsOf(text.slice(0, at));
  const isTooFar = isCutBefore || widthOf(before.join('')) > WIDTH - 20;
  const lead = isTooFar ? withinWidth(before.reverse(), LEAD).reverse().join('') : before.join('');
  const room = WIDTH - widthOf(lead);
  const rest = partsOf(text.slice(at));
  const kept = withinWidth(rest, room);
  const isLong = isCutBehind || kept.length < rest.length;
  const [start, end] = [isTooFar ? '…' : '', isLong ? '…' : ''];
  return { text: `${start}${lead}${kept.join('')}${end}`, at: start.length + lead.length };
}

function partsOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function withinWidth(parts: readonly string[], width: number): string[] {
  let left = width;
  const end = parts.findIndex((part) => {
    left -= widthOfPart(part);
    return left < 0;
  });
  return end < 0 ? [...parts] : parts.slice(0, end);
}

function widthOf(text: string): number {
  return partsOf(text).reduce((sum, part) => sum + widthOfPart(part), 0);
}

function widthOfPart(part: string): number {
  if (WIDE.test(part)) return 2;
  return /^[\p{Mark}\p{Cf}]*$/u.test(part) ? 0 : 1;
}
