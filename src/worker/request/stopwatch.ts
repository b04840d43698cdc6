/**
 * Adds up the times that a request waits for others: for providers, and for its turn (back-offs, cooldowns, probes). What is
 * left of its duration is the gateway's own. It waits for one thing at a time.
 */
import type { Clock } from '../../shared/clock.ts';

/** For what it waits. */
type Awaited = 'provider' | 'turn';

export class Stopwatch {
  readonly #clock: Clock;
  #startedMs = 0;
  #isRunning = false;
  #awaited: Awaited = 'provider';
  #providerMs = 0;
  #turnMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A wait begins. */
  start(awaited: Awaited): void {
    this.#awaited = awaited;
    this.#isRunning = true;
    this.#startedMs = this.#clock.nowMs();
  }

  /** The wait that began last is over. */
  stop(): void {
    const tookMs = this.#clock.nowMs() - this.#startedMs;
    this.#isRunning = false;
    if (this.#awaited === 'provider') this.#providerMs += tookMs;
    else this.#turnMs += tookMs;
  }

  /** In ms, of all waits that are over. */
  get totalMs(): number {
    return this.#providerMs + this.#turnMs;
  }

  /** In ms, of the present wait, if it is of this kind; else 0. */
  presentMs(awaited: Awaited): number {
    return this.#isRunning && this.#awaited === awaited ? this.#clock.nowMs() - this.#startedMs : 0;
  }

  /** In ms, of all waits of a kind so far, the present one too. */
  soFarMs(awaited: Awaited): number {
    const pastMs = awaited === 'provider' ? this.#providerMs : this.#turnMs;
    return pastMs + this.presentMs(awaited);
  }
}
