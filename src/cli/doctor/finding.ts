/** What `headgate doctor` finds: one line each, with its cure. Pure. */

/** `note`: fine, but to be known. `warn`: works, and will hurt. `fail`: does not work. */
type Level = 'ok' | 'note' | 'warn' | 'fail';

/** One look at one thing. */
export interface Finding {
  readonly level: Level;
  /** What was looked at, in a word or two: `node`, `open files`, `provider openai`. */
  readonly part: string;
  /** What is so. Holds no secret. */
  readonly what: string;
  /** The lines of a file that it is about. */
  readonly source?: readonly string[];
  /** What to do; null where nothing is to be done. */
  readonly cure: string | null;
}

/** Something that is as it should be. */
export function fine(part: string, what: string): Finding {
  return { level: 'ok', part, what, cure: null };
}

const WIDTH = 'provider openai'.length;

/** The lines to print: the level, the part, what is so; the source and the cure below. */
export function findingLines({ level, part, what, source = [], cure }: Finding): string[] {
  const head = `${level.padEnd(4)}  ${part.padEnd(WIDTH)}  ${what}`;
  const indent = ' '.repeat('ok    '.length + WIDTH + 2);
  const below = [...source, ...(cure === null ? [] : [`→ ${cure}`])];
  return [head, ...below.map((line) => `${indent}${line}`)];
}
