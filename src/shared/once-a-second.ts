/**
 * Keeps a log line that many requests would write at the same time to one a second, and counts the others.
 */
import type { Clock } from './clock.ts';

const PERIOD_MS = 1000;

export class OnceASecond {
  readonly #clock: Clock;
  #lastMs = Number.NEGATIVE_INFINITY;
  #withheld = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many lines were withheld since the last one, where this one may be written; else null. */
  pass(): number | null {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#lastMs < PERIOD_MS) {
      this.#withheld += 1;
      return null;
    }
    const withheld = this.#withheld;
    this.#lastMs = nowMs;
    this.#withheld = 0;
    return withheld;
  }
}
