/** The bench's figures as people read them. */
import { columns, type Figures } from './section.ts';

/** Lines of cells, each column as wide as its widest; the first cell of a line to the left, the others to the right. */
export function formatTable(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  const [head = [], ...body] = lines;
  return [format(head).join('  '), widths.map((width) => '-'.repeat(width)).join('  ')]
    .concat(body.map((line) => format(line).join('  ')))
    .join('\n');
}

/** One line per row; columns that nobody measured are left out. */
export function formatFigures(figures: Figures, rows: readonly string[]): string {
  const measured = columns.filter(([key]) => figures[key] !== undefined);
  const heading = ['', ...measured.map(([, title]) => title)];
  const lines = rows.map((row) => [
    row,
    ...measured.map(([key, , digits]) => formatNumber(figures[key]?.[row], digits)),
  ]);
  return formatTable([heading, ...lines]);
}

function formatNumber(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
