/** The report of a wall: a table for each face and form, and the counts. Pure. */
import { counted } from '../counted.ts';
import { table } from '../table.ts';
import type { Outcome } from './run-cells.ts';
import { isBad, type Verdict, verdicts } from './verdict.ts';
import { HEALTHY } from './wall-faults.ts';

/** Everything a person reads. */
export function reportLines(outcomes: readonly Outcome[]): string[] {
  const walls = Map.groupBy(outcomes, wallOf);
  const tables = [...walls].flatMap(([title, some]) => [title, ...wallTable(some), '']);
  const bad = outcomes.filter(({ verdict }) => isBad(verdict));
  return [
    ...tables,
    ...listed('healthy, and not answered:', unanswered(outcomes)),
    ...listed('bad cells:', bad),
    ...countLines(outcomes),
  ];
}

/** The counts of each verdict, and of all cells. */
export function countsOf(outcomes: readonly Outcome[]): Record<'cells' | 'bad' | Verdict, number> {
  const count = (verdict: Verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const each = Object.fromEntries(verdicts.map((verdict) => [verdict, count(verdict)]));
  const bad = outcomes.filter(({ verdict }) => isBad(verdict)).length;
  return { cells: outcomes.length, bad, ...each } as Record<'cells' | 'bad' | Verdict, number>;
}

/** The cells without any fault that have no answer: the gateway is not set up for them, and their wall says nothing. */
export function unanswered(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(({ cell, verdict }) => cell.fault.name === HEALTHY && verdict !== 'answered');
}

/** What a program reads. */
export function reportJson(outcomes: readonly Outcome[]) {
  const cells = outcomes.map(({ cell, verdict, detail }) => ({
    face: cell.face.name,
    stream: cell.stream,
    targets: cell.kind.name,
    fault: cell.fault.name,
    commit: commitOf(cell),
    verdict,
    detail,
  }));
  return { counts: countsOf(outcomes), cells };
}

function wallOf({ cell: { face, stream } }: Outcome): string {
  return `${face.name}, ${stream ? 'streamed' : 'plain'} (POST ${face.path})`;
}

function commitOf({ stream, fault }: Outcome['cell']): string {
  if (!stream) return '';
  return fault.after ? 'after' : 'before';
}

function wallTable(outcomes: readonly Outcome[]): string[] {
  const kinds = [...new Set(outcomes.map(({ cell }) => cell.kind.name))];
  const rows = Map.groupBy(outcomes, ({ cell }) => `${commitOf(cell)}\n${cell.fault.name}`);
  return table(
    ['fault', 'commit', ...kinds],
    [...rows].map(([row, some]) => {
      const [commit = '', fault = ''] = row.split('\n');
      return [
        fault,
        commit,
        ...kinds.map((kind) =>
          some
            .filter(({ cell }) => cell.kind.name === kind)
            .map(told)
            .join(),
        ),
      ];
    }),
    { rule: true },
  );
}

function told({ verdict, detail }: Outcome): string {
  if (verdict === 'refused') return detail;
  return detail === '' ? verdict : `${verdict}: ${detail}`;
}

/** Cells under a title, a line each; nothing if there are none. */
function listed(title: string, outcomes: readonly Outcome[]): string[] {
  const lines = outcomes.map((outcome) => {
    const { cell } = outcome;
    return `  ${wallOf(outcome)}, ${cell.kind.name}, ${[cell.fault.name, commitOf(cell)].join(' ').trim()}: ${told(outcome)}`;
  });
  return lines.length === 0 ? [] : [title, ...lines, ''];
}

function countLines(outcomes: readonly Outcome[]): string[] {
  const { cells, bad, ...each } = countsOf(outcomes);
  const parts = verdicts.map((verdict) => `${each[verdict]} ${verdict}`);
  const verdict =
    bad > 0 ? counted(bad, 'bad cell') : each.unreachable === cells ? 'nothing was answered' : 'no bad cell';
  return [`${counted(cells, 'cell')}: ${parts.join(', ')}`, verdict];
}
