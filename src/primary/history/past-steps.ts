/**
 * The figures of the steps of an hour for one subject, in an array that is made once: eleven numbers a step, with the seven
 * digits that a chart shows.
 */
import { shownMs } from './latency-buckets.ts';
import type { Sums } from './recent-counts.ts';
import { STEPS } from './steps.ts';

/** In this order in memory and on the disk; a latency is null where nothing was counted. */
export type Figures = readonly (number | null)[];

/** Older than any step. */
const NONE = -(2 ** 31);

/** Numbers of one step. */
export const COLUMNS = 11;

/** The figures of a step, rounded to what is kept. */
export function figuresOf(sums: Sums): Figures {
  const { requests, errors, p50Ms, p99Ms, firstContentMs, inputTokens, outputTokens, nanoUsd } = sums;
  const latencies = [p50Ms, p99Ms, firstContentMs].map(shownMs);
  const counts = [requests, errors.client, errors.policy, errors.provider, errors.gateway];
  return [...counts, ...latencies, inputTokens, outputTokens, nanoUsd];
}

/** The first of the three latencies, between the counts. */
const FIRST_LATENCY = 5;
const LAST_LATENCY = 7;

/** Two parts of one step. Quantiles cannot be added up: latencies are those of the part with more requests. */
export function joined(one: Figures, other: Figures): Figures {
  const [larger, smaller] = (one[0] ?? 0) >= (other[0] ?? 0) ? [one, other] : [other, one];
  return larger.map((figure, column) => {
    const rest = smaller[column] ?? null;
    const isLatency = column >= FIRST_LATENCY && column <= LAST_LATENCY;
    return figure === null || rest === null || isLatency ? (figure ?? rest) : figure + rest;
  });
}

/** Of one subject. */
export class PastSteps {
  readonly #values = new Float32Array(STEPS * COLUMNS);
  /** The step that each place holds. */
  readonly #steps = new Int32Array(STEPS).fill(NONE);

  /** Keeps the figures of a step, in the place of one that is an hour older. */
  set(step: number, figures: Figures): void {
    const place = placeOf(step);
    this.#steps[place] = step;
    for (let column = 0; column < COLUMNS; column += 1) {
      this.#values[place * COLUMNS + column] = figures[column] ?? Number.NaN;
    }
  }

  /** One number of a step; null where it has none, or the step is not known. */
  value(step: number, column: number): number | null {
    const place = placeOf(step);
    if (this.#steps[place] !== step) return null;
    const value = this.#values[place * COLUMNS + column] ?? Number.NaN;
    return Number.isNaN(value) ? null : value;
  }

  /** Whether it knows a step. */
  has(step: number): boolean {
    return this.#steps[placeOf(step)] === step;
  }

  /** The newest step that it knows. */
  get last(): number {
    return this.#steps.reduce((last, step) => Math.max(last, step), NONE);
  }
}

function placeOf(step: number): number {
  return ((step % STEPS) + STEPS) % STEPS;
}
