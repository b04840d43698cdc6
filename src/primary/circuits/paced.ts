/** Runs an action soon after it is requested, but never more often than once per so many milliseconds. */
import type { Clock } from '../../shared/clock.ts';

export class Paced {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  readonly #action: () => void;
  #requested = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, spacingMs: number, action: () => void) {
    this.#clock = clock;
    this.#spacingMs = spacingMs;
    this.#action = action;
  }

  /** The action runs at the end of this turn of the event loop, or as soon as the spacing allows. */
  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    const waitMs = this.#lastMs + this.#spacingMs - this.#clock.nowMs();
    if (waitMs > 0) this.#clock.after(waitMs, () => this.runRequested());
    else setImmediate(() => this.runRequested());
  }

  /** Runs it now if it is requested and has not run yet. */
  runRequested(): void {
    if (!this.#requested) return;
    this.#requested = false;
    this.#lastMs = this.#clock.nowMs();
    this.#action();
  }
}
