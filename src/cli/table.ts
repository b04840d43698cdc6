/** Text in columns. Pure. */
import { plainLine } from './say.ts';

interface TableOptions {
  /** A line of dashes under the heads. Default false. */
  readonly rule?: boolean;
  /** Index of the first column that is aligned to the right. Default: none is. */
  readonly rightFrom?: number;
}

/** Lines of a table under its heads, each column as wide as its widest cell; none if there are no rows. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { rule = false, rightFrom = heads.length }: TableOptions = {},
): string[] {
  if (rows.length === 0) return [];
  const widths = heads.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const dashes = rule ? [widths.map((width) => '-'.repeat(width))] : [];
  return [heads, ...dashes, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < rightFrom ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** A text in a column of a fixed width: padded, or cut with a sign that it was. Colours may surround it, so it is plain. */
export function fitted(foreign: string, width: number): string {
  const text = plainLine(foreign);
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`;
}
