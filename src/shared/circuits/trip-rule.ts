/**
 * The rule that opens a circuit, over a sliding window: of the last `outcomes` outcomes, none older than `windowMs`, at
 * least `minFailures` failed and at least `failureShare` of all.
 *
 * While there is any success in the window, failures with the same body count once: the target works, so one request
 * that always fails says something about that request. Such a failure also takes the place of the one before, so that
 * a caller who repeats it does not push the successes out of the window. A body that has also succeeded is no such
 * request, and each of its failures counts.
 *
 * A window never changes, and adding to it needs no copy: successors share one log that only grows at its end, and each
 * sees only its own range. A window that is not the newest of its log copies its range before it adds, so older windows
 * stay true.
 */
import type { CircuitOptions } from '../config.ts';

/** The result of one request at one target or provider: success or failure, after any number of attempts. */
export interface Outcome {
  /** Id of the worker that reported it. */
  readonly worker: string;
  /** Number of the request within its worker; null for one of a sum, which nothing can replace. */
  readonly request: number | null;
  readonly failure: boolean;
  /** Identifies the request's body; null where it is not known. */
  readonly body: number | null;
  /** When its last attempt was sent. */
  readonly sentMs: number;
  readonly atMs: number;
}

/** The limits of a window. */
type WindowLimits = Pick<CircuitOptions, 'outcomes' | 'windowMs'>;

/** What counts in a window at one moment, after failures with the same body were counted once. */
interface Tally {
  readonly outcomes: number;
  readonly failures: number;
  /** Those of `failures` that were sent at or after the given moment. */
  readonly recent: number;
}

/** The last outcomes of one target or provider, oldest first. Immutable to all who hold it. */
export class OutcomeWindow {
  static readonly empty = new OutcomeWindow([], 0, 0);

  /** Shared with predecessors and successors; only ever appended to. */
  readonly #log: Outcome[];
  readonly #start: number;
  readonly #end: number;
  /** Failures in it, each counted. */
  readonly failures: number;

  private constructor(log: Outcome[], start: number, failures: number) {
    this.#log = log;
    this.#start = start;
    this.#end = log.length;
    this.failures = failures;
  }

  get size(): number {
    return this.#end - this.#start;
  }

  /** The window with one more outcome at its end, and without all that the limits exclude. */
  add(outcome: Outcome, limits: WindowLimits): OutcomeWindow {
    const others = withoutEqual(this, outcome, limits);
    const before =
      others === null ? this : new OutcomeWindow(others, 0, others.filter((known) => known.failure).length);
    const crowded = before.#start > limits.outcomes;
    const newest = before.#log.length === before.#end;
    const log = newest && !crowded ? before.#log : before.#log.slice(before.#start, before.#end);
    const start = log === before.#log ? before.#start : 0;
    log.push(outcome);
    return OutcomeWindow.#trimmed(log, start, before.failures + (outcome.failure ? 1 : 0), outcome.atMs, limits);
  }

  /**
   * The same, but an outcome of the same request is replaced by the new one, so that a request never counts twice.
   * Searches from the newest back, and copies what it keeps: for the rare request that needed another attempt.
   */
  replace(outcome: Outcome, limits: WindowLimits): OutcomeWindow {
    for (let index = this.#end - 1; index >= this.#start; index -= 1) {
      const known = this.#log[index];
      if (known === undefined || known.request === null) continue;
      if (known.request !== outcome.request || known.worker !== outcome.worker) continue;
      const others = [...this.#log.slice(this.#start, index), ...this.#log.slice(index + 1, this.#end)];
      return new OutcomeWindow(others, 0, this.failures - (known.failure ? 1 : 0)).add(outcome, limits);
    }
    return this.add(outcome, limits);
  }

  /** The window as it is at `nowMs`, when outcomes may have grown too old since the last was added. */
  at(nowMs: number, limits: WindowLimits): OutcomeWindow {
    return OutcomeWindow.#trimmed(this.outcomes(), 0, this.failures, nowMs, limits);
  }

  /** Whether any of its outcomes is still young enough at `nowMs`. */
  holdsAny(nowMs: number, limits: WindowLimits): boolean {
    const newest = this.#end > this.#start ? this.#log[this.#end - 1] : undefined;
    return newest !== undefined && newest.atMs >= nowMs - limits.windowMs;
  }

  /** What counts at `nowMs`; `recent` are failures of attempts that were sent at `sinceMs` or later. */
  tally(nowMs: number, limits: WindowLimits, sinceMs = Number.NEGATIVE_INFINITY): Tally {
    const young = this.outcomes().filter(({ atMs }) => atMs >= nowMs - limits.windowMs);
    const failed = young.filter(({ failure }) => failure);
    const successes = young.length - failed.length;
    const counted = successes === 0 ? failed : onePerBody(failed, young);
    const recent = counted.filter(({ sentMs }) => sentMs >= sinceMs).length;
    return { outcomes: successes + counted.length, failures: counted.length, recent };
  }

  /** Its outcomes, oldest first. */
  outcomes(): Outcome[] {
    return this.#log.slice(this.#start, this.#end);
  }

  static #trimmed(
    log: Outcome[],
    from: number,
    failuresFrom: number,
    nowMs: number,
    limits: WindowLimits,
  ): OutcomeWindow {
    let start = Math.max(from, log.length - limits.outcomes);
    let failures = failuresFrom;
    for (let index = from; index < start; index += 1) if (log[index]?.failure) failures -= 1;
    for (let oldest = log[start]; oldest !== undefined && oldest.atMs < nowMs - limits.windowMs; oldest = log[start]) {
      if (oldest.failure) failures -= 1;
      start += 1;
    }
    return new OutcomeWindow(log, start, failures);
  }
}

/** A window's outcomes without the failures whose place a new one with the same body takes; null: there are none. */
function withoutEqual(window: OutcomeWindow, { failure, body, atMs }: Outcome, limits: WindowLimits): Outcome[] | null {
  if (!failure || body === null || window.failures === 0 || window.failures === window.size) return null;
  const outcomes = window.outcomes().filter((known) => known.atMs >= atMs - limits.windowMs);
  const successes = outcomes.filter((known) => !known.failure);
  if (successes.length === 0 || successes.some((known) => known.body === body)) return null;
  const others = outcomes.filter((known) => !known.failure || known.body !== body);
  return others.length === outcomes.length ? null : others;
}

/** Whether so many failures, in number and in share, open the circuit at `nowMs`. */
export function trips(window: OutcomeWindow, nowMs: number, options: CircuitOptions): boolean {
  // Counting equal bodies once makes number and share smaller only.
  if (!reaches(window.failures, window.size, options)) return false;
  const { failures, outcomes } = window.tally(nowMs, options);
  return reaches(failures, outcomes, options);
}

function reaches(failures: number, outcomes: number, options: CircuitOptions): boolean {
  return failures >= options.minFailures && failures >= outcomes * options.failureShare;
}

/** The newest failure of each body that has not succeeded; those of other and of unknown bodies all stay. */
function onePerBody(failures: readonly Outcome[], outcomes: readonly Outcome[]): Outcome[] {
  const newest = new Map(failures.map((failure) => [failure.body, failure]));
  const succeeded = new Set(outcomes.filter(({ failure }) => !failure).map(({ body }) => body));
  return failures.filter((failure) => {
    const { body } = failure;
    return body === null || succeeded.has(body) || newest.get(body) === failure;
  });
}
