/**
 * What commands print, and the only way out for it. Whatever it is made of, it is safe for a terminal: a provider's text
 * moves no cursor, sets no title, turns no direction and begins no line. In JSON the same characters are escaped, so that a
 * program reads what was there.
 */
import { movingCharacters } from '../shared/plain-name.ts';

/** What is printed into: standard output, or standard error. */
interface Output {
  write(text: string): unknown;
}

let hasAnswered = false;

/** Whether JSON was printed: an error behind it is not the first that a program reads. */
export function hasSaidJson(): boolean {
  return hasAnswered;
}

/** Prints lines. A line stays one, whatever is in it. */
export function sayLines(lines: readonly string[], output: Output = process.stdout): void {
  output.write(lines.map((line) => `${plainLine(line)}\n`).join(''));
}

/** Prints a document of JSON. */
export function sayJson(value: unknown, output: Output = process.stdout): void {
  hasAnswered = true;
  output.write(`${jsonText(value, 2)}\n`);
}

/** Prints one of many values as a line of JSON. */
export function sayJsonLine(value: unknown, output: Output = process.stdout): void {
  hasAnswered = true;
  output.write(`${jsonText(value, 0)}\n`);
}

/** Prints a message, which may have several lines, for people. */
export function complain(message: string): void {
  sayLines(message.split('\n'), process.stderr);
}

/** A line with nothing that moves the cursor. */
export function plainLine(text: string): string {
  return text.replace(movingCharacters, '·');
}

function jsonText(value: unknown, indent: number): string {
  return JSON.stringify(value, null, indent).replace(movingCharacters, (character) => {
    // The only ones outside of strings.
    return character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
