/** A comparison as people read it. */
import { table } from '../../../src/cli/table.ts';
import { percentile } from '../../load/percentile.ts';
import { median } from '../measuring/readings.ts';
import type { Start } from './compare.ts';

/** One start in one line. */
export function startText({ seconds, ratios, control, failures }: Start): string {
  const failed = failures === 0 ? '' : `; ${failures} requests or streams failed`;
  const figures = `alternative / ours ${digits(median(ratios))}, control ${digits(median(control))}`;
  return `${seconds.toFixed(0)} s: ${figures}${failed}`;
}

/** All starts in a table. */
export function comparisonText({ unit }: { readonly unit: string }, starts: readonly Start[]): string[] {
  const cpu = median(starts.flatMap((start) => start.cpu));
  const heads = ['ratio', 'median', 'quartiles', 'medians of the starts'];
  const lines = [
    line(
      'alternative / ours',
      starts.map(({ ratios }) => ratios),
    ),
    line(
      'control: same / same',
      starts.map(({ control }) => control),
    ),
  ];
  const failures = starts.reduce((sum, start) => sum + start.failures, 0);
  return [
    `worker CPU per ${unit}: ${cpu.toFixed(1)} µs with ours`,
    ...table(heads, lines, { rule: true }),
    ...(failures === 0 ? [] : [`${failures} requests or streams failed: the figures are void`]),
  ];
}

function line(name: string, ratiosByStart: readonly (readonly number[])[]): string[] {
  const all = ratiosByStart.flat();
  const medians = ratiosByStart.map(median);
  return [
    name,
    digits(median(all)),
    range(percentile(all, 0.25), percentile(all, 0.75)),
    range(Math.min(...medians), Math.max(...medians)),
  ];
}

function range(low: number, high: number): string {
  return `${digits(low)} to ${digits(high)}`;
}

function digits(ratio: number): string {
  return ratio.toFixed(3);
}
