/** The findings of a run as a table, and whether the run as a whole has passed. */
import { table } from '../../src/cli/table.ts';
import type { Finding } from './chaos-case.ts';

/** Lines of a table, one for each finding. */
export function findingsTable(findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => [finding.guarantee, finding.case, finding.figure, finding.verdict]);
  return table(['guarantee', 'case', 'figure', 'verdict'], rows, { rule: true });
}

/** Whether there are findings and none fails. Those that this machine cannot show do not count. */
export function allHold(findings: readonly Finding[]): boolean {
  return findings.length > 0 && findings.every(({ verdict }) => verdict !== 'FAILS');
}
