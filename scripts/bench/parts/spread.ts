/** How far values spread, and how far the median of values from several starts is known. */

/** Quartiles and ends of a list of values. */
export interface Spread {
  readonly min: number;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly max: number;
}

const RESAMPLES = 2000;

/** Interpolated between neighbours. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
    return below + (above - below) * (place % 1);
  };
  return { min: at(0), lower: at(0.25), median: at(0.5), upper: at(0.75), max: at(1) };
}

/**
 * How the median would spread if everything was measured again: medians over starts that are drawn at random, with
 * repetition, from those there are. Values of one start are drawn together, since they share its processes.
 */
export function medianRange(starts: readonly (readonly number[])[]): Spread {
  const draw = () => starts[Math.floor(Math.random() * starts.length)] ?? [];
  return spreadOf(Array.from({ length: RESAMPLES }, () => spreadOf(starts.flatMap(draw)).median));
}

export function interquartileRange({ lower, upper }: Spread): number {
  return upper - lower;
}
