/**
 * The time limits of all requests in flight, served by one coarse ticker. A stream extends its stall limit with every
 * event; a timer of its own for each would cost more than the rest of the relay.
 *
 * A limit expires at its time or up to one tick (20 ms) later, never earlier. The ticker runs only while limits are
 * set.
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import { type ActiveItem, ActiveSet } from './active-set.ts';

const TICK_MS = 20;

/** One limit. `extend` restarts it from now; `cancel` may be called at any time. */
export interface PhaseTimer extends Timer {
  extend(delayMs: number): void;
}

/** A limit is its own handle, to save an object: every request sets two or three. */
class Limit implements PhaseTimer, ActiveItem {
  readonly #armed: ActiveSet<Limit>;
  readonly #clock: Clock;
  dueMs: number;
  readonly expired: () => void;
  place = 0;

  constructor(armed: ActiveSet<Limit>, clock: Clock, delayMs: number, expired: () => void) {
    this.#armed = armed;
    this.#clock = clock;
    this.dueMs = clock.nowMs() + delayMs;
    this.expired = expired;
  }

  extend(delayMs: number): void {
    this.dueMs = this.#clock.nowMs() + delayMs;
  }

  cancel(): void {
    this.#armed.delete(this);
  }
}

export class PhaseTimers {
  readonly #clock: Clock;
  readonly #armed = new ActiveSet<Limit>();
  #ticker: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expired` once, `delayMs` from now, unless cancelled. */
  arm(delayMs: number, expired: () => void): PhaseTimer {
    const limit = new Limit(this.#armed, this.#clock, delayMs, expired);
    this.#armed.add(limit);
    this.#ticker ??= this.#clock.every(TICK_MS, () => this.#tick());
    return limit;
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    for (const limit of this.#armed.all()) {
      // A limit that expired earlier in this loop may have extended or cancelled this one.
      if (limit.dueMs <= nowMs && this.#armed.delete(limit)) limit.expired();
    }
    if (this.#armed.size > 0) return;
    this.#ticker?.cancel();
    this.#ticker = null;
  }
}
