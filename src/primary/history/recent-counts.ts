/**
 * What was counted in the last six steps, the present one among them, for one subject: the gateway, a model, a provider or a
 * target. Its arrays are made once, so that counting allocates nothing.
 */
import { type ErrorOwner, errorOwners } from '../../shared/errors.ts';
import { BUCKETS, quantile } from './latency-buckets.ts';

/** Steps that it holds: fifty seconds that are over, and those of the present step. */
export const RECENT = 6;

export const NANO_PER_USD = 1_000_000_000;

/** Sums in the order of their columns: requests, errors in the order of `errorOwners`, tokens, answers with and without a price, nano-dollars. */
const REQUESTS = 0;
const ERRORS = 1;
const INPUT = 5;
const OUTPUT = 6;
const PRICED = 7;
const UNPRICED = 8;
const NANO_USD = 9;
const COLUMNS = 10;

/** Sums of one or more steps. */
export interface Sums {
  readonly requests: number;
  readonly errors: Readonly<Record<ErrorOwner, number>>;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Answers whose cost is in `nanoUsd`, and answers with something whose price is not known. */
  readonly priced: number;
  readonly unpriced: number;
  readonly nanoUsd: number;
  /** Of answered requests, in ms; NaN where none was. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The median until the first content of streams, in ms; NaN where there was none. */
  readonly firstContentMs: number;
}

/** Of one subject. */
export class RecentCounts {
  readonly #sums = new Float64Array(RECENT * COLUMNS);
  readonly #latencies = new Uint32Array(RECENT * BUCKETS);
  readonly #firstContents = new Uint32Array(RECENT * BUCKETS);

  /** A request was answered. @param bucket of its latency */
  answered(step: number, bucket: number): void {
    const place = placeOf(step);
    this.#add(place, REQUESTS, 1);
    const index = place * BUCKETS + bucket;
    this.#latencies[index] = (this.#latencies[index] ?? 0) + 1;
  }

  /** A request has failed. @param owner as an index of `errorOwners` */
  failed(step: number, owner: number): void {
    const place = placeOf(step);
    this.#add(place, REQUESTS, 1);
    this.#add(place, ERRORS + owner, 1);
  }

  /** A stream has got its first content. @param bucket of the time until then */
  begun(step: number, bucket: number): void {
    const index = placeOf(step) * BUCKETS + bucket;
    this.#firstContents[index] = (this.#firstContents[index] ?? 0) + 1;
  }

  /** An answer has used tokens. @param nanoUsd null: their price is not known */
  used(step: number, input: number, output: number, nanoUsd: number | null): void {
    const place = placeOf(step);
    this.#add(place, INPUT, input);
    this.#add(place, OUTPUT, output);
    this.#add(place, nanoUsd === null ? UNPRICED : PRICED, 1);
    this.#add(place, NANO_USD, nanoUsd ?? 0);
  }

  /** A step begins, in the place of the one that is no longer recent. */
  begin(step: number): void {
    const place = placeOf(step);
    this.#sums.fill(0, place * COLUMNS, (place + 1) * COLUMNS);
    this.#latencies.fill(0, place * BUCKETS, (place + 1) * BUCKETS);
    this.#firstContents.fill(0, place * BUCKETS, (place + 1) * BUCKETS);
  }

  /** Whether nothing was counted in any of them. */
  get isEmpty(): boolean {
    return this.#sums.every((sum) => sum === 0) && this.#firstContents.every((count) => count === 0);
  }

  /** The sums of one step that is recent. */
  of(step: number): Sums {
    const place = placeOf(step);
    const from = place * BUCKETS;
    return this.#sumsOf([place], from, from + BUCKETS);
  }

  /** The sums of all that are recent. */
  all(): Sums {
    return this.#sumsOf(allPlaces, 0, RECENT * BUCKETS);
  }

  /** Failures in one step for which providers or the gateway have to act. */
  failuresIn(step: number): number {
    const from = placeOf(step) * COLUMNS + ERRORS;
    return (
      (this.#sums[from + errorOwners.indexOf('provider')] ?? 0) +
      (this.#sums[from + errorOwners.indexOf('gateway')] ?? 0)
    );
  }

  #sumsOf(places: readonly number[], from: number, to: number): Sums {
    const sum = (column: number) =>
      places.reduce((total, place) => total + (this.#sums[place * COLUMNS + column] ?? 0), 0);
    const [client, policy, provider, gateway] = errorOwners.map((_, index) => sum(ERRORS + index));
    const latencies = this.#latencies.subarray(from, to);
    return {
      requests: sum(REQUESTS),
      errors: { client: client ?? 0, policy: policy ?? 0, provider: provider ?? 0, gateway: gateway ?? 0 },
      inputTokens: sum(INPUT),
      outputTokens: sum(OUTPUT),
      priced: sum(PRICED),
      unpriced: sum(UNPRICED),
      nanoUsd: sum(NANO_USD),
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      firstContentMs: quantile(this.#firstContents.subarray(from, to), 0.5),
    };
  }

  #add(place: number, column: number, amount: number): void {
    const index = place * COLUMNS + column;
    this.#sums[index] = (this.#sums[index] ?? 0) + amount;
  }
}

const allPlaces = Array.from({ length: RECENT }, (_, place) => place);

/** Where a step stands among the recent ones. It may be below 0. */
export function placeOf(step: number): number {
  return ((step % RECENT) + RECENT) % RECENT;
}
