/**
 * The rule that opens a circuit, over a sliding window: of the last `outcomes` outcomes, none older than `windowMs`, at
 * least `minFailures` failed, and at least the share `failureShare` failed.
 *
 * A window is immutable, but adding an outcome usually needs no copy. A window and its successors share one log that
 * only grows at its end, and each reads only its own range. A window that is not the newest of its log copies its range
 * before it adds, so that older windows do not change.
 */
import type { CircuitOptions } from '../config.ts';

/** The outcome of one request at one provider, over all its attempts there. */
export interface Outcome {
  /** Id of the worker that reported it. */
  readonly worker: string;
  /** Number of the request within its worker; null for an outcome of a sum, which is never replaced. */
  readonly request: number | null;
  readonly failure: boolean;
  readonly atMs: number;
}

/** The limits of a window. */
type WindowLimits = Pick<CircuitOptions, 'outcomes' | 'windowMs'>;

/** The last outcomes of one provider, oldest first. Immutable. */
export class OutcomeWindow {
  static readonly empty = new OutcomeWindow([], 0, 0);

  /** Shared with earlier and later windows; it is only appended to. */
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

  /** The window with one more outcome at its end, cut to the limits. */
  add(outcome: Outcome, limits: WindowLimits): OutcomeWindow {
    const mostlyUnused = this.#start > limits.outcomes;
    const newest = this.#log.length === this.#end;
    const log = newest && !mostlyUnused ? this.#log : this.#log.slice(this.#start, this.#end);
    const start = log === this.#log ? this.#start : 0;
    log.push(outcome);
    return OutcomeWindow.#trimmed(log, start, this.failures + (outcome.failure ? 1 : 0), outcome.atMs, limits);
  }

  /**
   * Like `add`, but first removes an earlier outcome of the same request, so that a request never counts twice. It
   * searches from the newest outcome back and copies the window, because few requests need another attempt.
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

  /** The window without the outcomes that are too old at `nowMs`. */
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

/** Whether the number and the share of failures open the circuit. */
export function trips(window: OutcomeWindow, options: Pick<CircuitOptions, 'minFailures' | 'failureShare'>): boolean {
  return window.failures >= options.minFailures && window.failures >= window.size * options.failureShare;
}
