/** A comparison of two variants as people read it: its figures and what follows from them. */
import { formatTable } from '../table.ts';
import { ACCEPTED_NOISE, type Comparison, MIN_STARTS } from './compare.ts';
import { interquartileRange, medianRange, type Spread, spreadOf } from './spread.ts';

/** What a hand-written part must save to be kept, as a share of the CPU of what it works for. */
const MUST_EARN = 0.03;

export function formatComparison(title: string, unit: string, comparison: Comparison): string {
  const { cpu, ratios, control } = comparison;
  const median = spreadOf(cpu.flat()).median;
  const lines = [
    ['ratio', 'median', 'quartiles', 'min', 'max', 'quartiles of the median', 'medians by start'],
    line('alternative / ours', ratios),
    line('control: same / same', control),
  ];
  return [
    `${title}`,
    `worker CPU per ${unit}: ${median.toFixed(1)} µs (ours); ${ratios.flat().length} pairs in ${ratios.length} starts`,
    formatTable(lines),
    `${verdict(comparison)}\n`,
  ].join('\n');
}

function line(name: string, starts: readonly (readonly number[])[]): string[] {
  const { median, min, max, ...quartiles } = spreadOf(starts.flat());
  const byStart = starts.map((start) => digits(spreadOf(start).median)).join(' ');
  return [name, digits(median), range(quartiles), digits(min), digits(max), range(medianRange(starts)), byStart];
}

function verdict({ ratios, control, failures }: Comparison): string {
  if (failures > 0) return `${failures} requests or streams failed: the figures are void`;
  if (control.length < MIN_STARTS) return `no verdict: it takes at least ${MIN_STARTS} starts`;
  const noise = interquartileRange(medianRange(control));
  if (noise >= ACCEPTED_NOISE)
    return `no verdict: the noise is ${percent(noise)}, too large to tell ${percent(MUST_EARN)}`;
  const earned = spreadOf(ratios.flat()).median - 1;
  return `earns ${percent(earned)}: ${earned > MUST_EARN ? 'more' : 'not more'} than ${percent(MUST_EARN)}`;
}

function range({ lower, upper }: Pick<Spread, 'lower' | 'upper'>): string {
  return `${digits(lower)} to ${digits(upper)}`;
}

function digits(value: number): string {
  return value.toFixed(3);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
