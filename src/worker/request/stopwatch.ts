/**
 * Adds up the times that a request waits for others: providers, back-offs, cooldowns, probes. What is left of its
 * duration is the gateway's own. It waits for one thing at a time.
 */
import type { Clock } from '../../shared/clock.ts';

export class Stopwatch {
  readonly #clock: Clock;
  #startedMs = 0;
  #totalMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A wait begins. */
  start(): void {
    this.#startedMs = this.#clock.nowMs();
  }

  /** The wait that began last is over. */
  stop(): void {
    this.#totalMs += this.#clock.nowMs() - this.#startedMs;
  }

  /** In ms, of all waits that are over. */
  get totalMs(): number {
    return this.#totalMs;
  }
}
