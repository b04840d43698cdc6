/**
 * The rule that opens a circuit, over a sliding window: of the last `outcomes` outcomes, none older than `windowMs`, at
 * least `minFailures` failed and at least `failureShare` of all.
 *
 * A window never changes once made, yet adding to it costs no copy: successors share one log that only grows at its
 * end, and each sees no more of it than its own range. A window that is not the newest of its log copies its range
 * before it adds, so older windows stay true.
 */
import type { CircuitOptions } from '../config.ts';

/** What a provider made of one request: success or failure, whatever number of attempts it took. */
export interface Outcome {
  /** Id of the worker that saw it. */
  readonly worker: string;
  /** Number of the request within its worker; null for one of a sum, which nothing can replace. */
  readonly request: number | null;
  readonly failure: boolean;
  readonly atMs: number;
}

/** The limits of a window. */
type WindowLimits = Pick<CircuitOptions, 'outcomes' | 'windowMs'>;

/** The last outcomes of one provider, oldest first. Immutable to all who hold it. */
export class OutcomeWindow {
  static readonly empty = new OutcomeWindow([], 0, 0);

  /** Shared with predecessors and successors; only ever appended to. */
  readonly #log: Outcome[];
  readonly #start: number;
  readonly #end: number;
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

  /** The window with one more outcome at its end, and without all that the limits leave no room for. */
  add(outcome: Outcome, limits: WindowLimits): OutcomeWindow {
    const crowded = this.#start > limits.outcomes;
    const newest = this.#log.length === this.#end;
    const log = newest && !crowded ? this.#log : this.#log.slice(this.#start, this.#end);
    const start = log === this.#log ? this.#start : 0;
    log.push(outcome);
    return OutcomeWindow.#trimmed(log, start, this.failures + (outcome.failure ? 1 : 0), outcome.atMs, limits);
  }

  /**
   * The same, but an outcome of the same request gives way to the new one, so that a request never counts twice. Looks
   * from the newest back, and copies what it keeps: for the rare request that needed another attempt.
   */
  replace(outcome: Outcome, limits: WindowLimits): OutcomeWindow {
    for (let index = this.#end - 1; index >= this.#start; index -= 1) {
      const known = this.#log[index];
      if (known === undefined || known.request === null) continue;
      if (known.request !== outcome.request || known.worker !== outcome.worker) continue;
      const rest = [...this.#log.slice(this.#start, index), ...this.#log.slice(index + 1, this.#end)];
      return new OutcomeWindow(rest, 0, this.failures - (known.failure ? 1 : 0)).add(outcome, limits);
    }
    return this.add(outcome, limits);
  }

  /** The window as it looks at `nowMs`, when outcomes may have grown too old since the last was added. */
  at(nowMs: number, limits: WindowLimits): OutcomeWindow {
    return OutcomeWindow.#trimmed(this.#log.slice(this.#start, this.#end), 0, this.failures, nowMs, limits);
  }

  /** Its outcomes, oldest first. */
  outcomes(): readonly Outcome[] {
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

/** Whether so many failures, in number and in share, open the circuit. */
export function trips(window: OutcomeWindow, options: Pick<CircuitOptions, 'minFailures' | 'failureShare'>): boolean {
  return window.failures >= options.minFailures && window.failures >= window.size * options.failureShare;
}
