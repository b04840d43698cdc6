/**
 * Readings of several rounds by name of the row, and how they are summed up: figures by the median of the rounds,
 * ratios by the median of the ratios within each round.
 */
import { median } from './gateway-under-test.ts';

export class Readings {
  readonly #byRow = new Map<string, number[]>();

  add(row: string, reading: number): void {
    this.#byRow.set(row, [...this.of(row), reading]);
  }

  get rows(): string[] {
    return [...this.#byRow.keys()];
  }

  of(row: string): readonly number[] {
    return this.#byRow.get(row) ?? [];
  }

  median(row: string): number {
    return median(this.of(row));
  }

  /** Median over the rounds of `row` divided by `yardstick` in the same round. */
  ratio(row: string, yardstick: string): number {
    const pairs = this.of(row).map((reading, round) => reading / (this.of(yardstick)[round] ?? Number.NaN));
    return median(pairs);
  }
}

/** The median over the medians of all rows whose name begins so. */
export function medianOfTwins(readings: Readings, beginning: string): number {
  return median(readings.rows.filter((row) => row.startsWith(beginning)).map((row) => readings.median(row)));
}
