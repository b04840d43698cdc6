/** The findings as people read them, and what is asked of them as a whole. */
import type { Finding } from './chaos-case.ts';

const columns = ['guarantee', 'case', 'figure', 'verdict'] as const;

/** A table with a header, each column as wide as its widest cell. */
export function formatTable(findings: readonly Finding[]): string {
  const rows = [Object.fromEntries(columns.map((column) => [column, column])), ...findings] as Record<string, string>[];
  const widths = columns.map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    columns
      .map((column, index) => (row[column] ?? '').padEnd(widths[index] ?? 0))
      .join(' | ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** Whether every finding holds, but for those that this machine cannot show. */
export function allHold(findings: readonly Finding[]): boolean {
  return findings.length > 0 && findings.every(({ verdict }) => verdict !== 'FAILS');
}
