/**
 * Readings of several rounds by name of the row. A figure is the median over the rounds; a ratio is the median of the
 * ratios within each round.
 */

/** Readings of one quantity. */
export class Readings {
  readonly #byRow = new Map<string, number[]>();

  add(row: string, reading: number): void {
    this.#byRow.set(row, [...this.of(row), reading]);
  }

  of(row: string): readonly number[] {
    return this.#byRow.get(row) ?? [];
  }

  median(row: string): number {
    return median(this.of(row));
  }

  /** Median over the rounds of `row` divided by `yardstick` in the same round. */
  ratio(row: string, yardstick: string): number {
    return this.#paired(row, yardstick, (reading, measure) => reading / measure);
  }

  /** Median over the rounds of `row` less `base` in the same round. */
  difference(row: string, base: string): number {
    return this.#paired(row, base, (reading, measure) => reading - measure);
  }

  #paired(row: string, other: string, compare: (reading: number, measure: number) => number): number {
    return median(this.of(row).map((reading, round) => compare(reading, this.of(other)[round] ?? Number.NaN)));
  }
}

/**
 * Of an even number of values, the mean of the two in the middle: with few rounds, either one alone would be biased.
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const upper = Math.floor(sorted.length / 2);
  const middle = sorted.slice(sorted.length % 2 === 0 ? upper - 1 : upper, upper + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/**
 * The standard error of the median, from the quartiles, so that single values far out do not count: as for values that
 * are spread normally, 1.2533 times their deviation by the root of their number.
 */
export function errorOfMedian(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const quarter = Math.floor(sorted.length / 4);
  const range = (sorted.at(-1 - quarter) ?? Number.NaN) - (sorted.at(quarter) ?? Number.NaN);
  return (1.2533 * (range / 1.349)) / Math.sqrt(sorted.length);
}
