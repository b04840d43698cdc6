/**
 * Steps of ten seconds, in which history is kept. They are counted by the monotonic clock, so that a wall clock that is set
 * moves the names of steps and never their order or their ages.
 */
import type { Clock } from '../../shared/clock.ts';

export const STEP_MS = 10_000;

/** An hour. */
export const STEPS = 360;

/** One per gateway. */
export class Steps {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #originMs: number;

  /** The first step begins with ten seconds of the wall clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.nowMs();
    this.#originMs = this.#startMs - (clock.wallMs() % STEP_MS);
  }

  /** The number of the present step, from 0. */
  get current(): number {
    return Math.floor((this.#clock.nowMs() - this.#originMs) / STEP_MS);
  }

  /** How long the present step has lasted, in ms. */
  get elapsedMs(): number {
    return this.#clock.nowMs() - this.#originMs - this.current * STEP_MS;
  }

  /** How long steps have been counted, in ms. */
  get ageMs(): number {
    return this.#clock.nowMs() - this.#startMs;
  }

  /** When a step begins by the wall clock as it is now, in ms since 1970: a multiple of ten seconds. */
  beginsAtMs(step: number): number {
    return (step + this.#shift()) * STEP_MS;
  }

  /** The step that begins then; the inverse of `beginsAtMs`. It may be below 0: one of a former primary. */
  at(beginsAtMs: number): number {
    return Math.round(beginsAtMs / STEP_MS) - this.#shift();
  }

  #shift(): number {
    return Math.round((this.#clock.wallMs() - (this.#clock.nowMs() - this.#originMs)) / STEP_MS);
  }
}
