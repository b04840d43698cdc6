/**
 * Worker CPU of two variants of the gateway in turn, as ratios of neighbouring readings.
 *
 * Two gateways of each variant run beside each other and are loaded in turn, for a fraction of a second each: A B A B.
 * So each pair of variants stands beside a control pair of the same code. Processes of the same code differ too (memory
 * layout, what V8 has compiled), so all four are started afresh several times, every other time in the opposite order.
 * More starts follow until the median of the control is known well enough.
 */
import type { Measure } from './measure.ts';
import { interquartileRange, medianRange } from './spread.ts';
import { variantKind } from './variant.ts';

export interface Comparing {
  /** Folders of the variants. */
  readonly ours: string;
  readonly other: string;
  readonly measure: Measure;
  readonly maxStarts: number;
}

/** Lists with one entry per start, each with the readings of its rounds. */
export interface Comparison {
  /** CPU of ours, µs. */
  readonly cpu: readonly (readonly number[])[];
  /** The alternative to ours. */
  readonly ratios: readonly (readonly number[])[];
  /** The same code to itself. */
  readonly control: readonly (readonly number[])[];
  /** Requests that failed and streams that were lost: more than none, and the figures are void. */
  readonly failures: number;
}

/** What noise in the median of the control is accepted: its interquartile range. */
export const ACCEPTED_NOISE = 0.02;

/** With fewer starts than this, the noise between processes is not known. */
export const MIN_STARTS = 6;

/** Of each start; the first is dropped. Two pairs and two control pairs a round. */
const ROUNDS = 61;

const rows = { ours: ['ours-1', 'ours-2'], other: ['other-1', 'other-2'] } as const;

export async function compare({ ours, other, measure, maxStarts }: Comparing): Promise<Comparison> {
  const kinds = [0, 1].flatMap((twin) => [
    variantKind(rows.ours[twin] ?? '', ours),
    variantKind(rows.other[twin] ?? '', other),
  ]);
  const cpu: number[][] = [];
  const ratios: number[][] = [];
  const control: number[][] = [];
  let failures = 0;
  const enough = () => cpu.length >= MIN_STARTS && interquartileRange(medianRange(control)) < ACCEPTED_NOISE;
  while (cpu.length < maxStarts && !enough()) {
    const inOrder = cpu.length % 2 === 0 ? kinds : kinds.toReversed();
    const measured = await measure(inOrder, ROUNDS);
    const [ours1, ours2] = rows.ours.map((row) => measured.cpu.of(row).slice(1));
    const [other1, other2] = rows.other.map((row) => measured.cpu.of(row).slice(1));
    cpu.push([...(ours1 ?? []), ...(ours2 ?? [])]);
    ratios.push([...quotients(other1, ours1), ...quotients(other2, ours2)]);
    control.push([...quotients(ours2, ours1), ...quotients(other2, other1)]);
    failures += measured.failures;
  }
  return { cpu, ratios, control, failures };
}

function quotients(above: readonly number[] = [], below: readonly number[] = []): number[] {
  return above.map((value, round) => value / (below[round] ?? Number.NaN));
}
