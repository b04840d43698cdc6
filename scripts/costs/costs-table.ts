/** The figures as a table in Markdown; with two versions, each figure before and after. */
import type { Attack } from './attack.ts';
import type { Figures } from './measure.ts';

/** An attack with its figures, the version to compare with first. */
export interface Row {
  readonly attack: Attack;
  readonly figures: readonly Figures[];
}

/** Less growth says nothing about what was sent: the collector lets the heap grow by as much at any time. */
const TELLING_MB = 16;

const columns: readonly (readonly [head: string, cell: (figures: Figures, attack: Attack) => string])[] = [
  ['answers', ({ answers }) => answers],
  ['memory +MB', ({ grownMb }) => digits(grownMb, 0)],
  ['of kept', ({ grownMb }, { keptMb }) => (keptMb < TELLING_MB ? '–' : `${digits(grownMb / keptMb, 2)}×`)],
  ['longest turn, ms of CPU', ({ longestCpuMs }) => digits(longestCpuMs, 0)],
  ['by the clock', ({ longestTurnMs }) => digits(longestTurnMs, 0)],
  ['slowest /health, ms', ({ slowestHealthMs }) => digits(slowestHealthMs, 0)],
  ['places', ({ places }) => digits(places, 0)],
  ['descriptors', ({ descriptors }) => digits(descriptors, 0)],
  ['s', ({ seconds }) => digits(seconds, 1)],
];

/** The head of the table. */
export function headLines(): string[] {
  const heads = ['attack', 'kept MB', ...columns.map(([head]) => head)];
  return [line(heads), line(heads.map((_, index) => (index === 0 ? '---' : '---:')))];
}

/** One line of it. */
export function rowLine({ attack, figures }: Row): string {
  const cells = columns.map(([, cell]) => [...new Set(figures.map((each) => cell(each, attack)))].join(' → '));
  return line([attack.name, digits(attack.keptMb, 0), ...cells]);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function digits(value: number, places: number): string {
  return Number.isNaN(value) ? '–' : value.toLocaleString('en', { maximumFractionDigits: places });
}
