/** The figures of all sections as one table. */
import { table } from '../../src/cli/table.ts';
import { columns, type Figures } from './sections/section.ts';

/** Lines of the table, one for each row; columns without any figure are left out. */
export function figuresTable(figures: Figures, rows: readonly string[]): string[] {
  const measured = columns.filter(([key]) => figures[key] !== undefined);
  const heads = ['', ...measured.map(([, title]) => title)];
  const lines = rows.map((row) => [row, ...measured.map(([key, , digits]) => asText(figures[key]?.[row], digits))]);
  return table(heads, lines, { rule: true, rightFrom: 1 });
}

function asText(value: number | undefined, digits: number): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
