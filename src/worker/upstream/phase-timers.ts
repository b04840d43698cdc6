/**
 * The time limits of all requests in flight, served by one coarse ticker. A stream extends its stall limit with every
 * event; a timer of its own for each would cost more than the rest of the relay.
 *
 * A limit expires at its time or up to one tick (20 ms) later, never earlier. The ticker runs only while limits are
 * set.
 *
 * A tick that is far too late means that the process did not run: it was stopped, its machine was paused, or its event
 * loop was busy. Bytes that came meanwhile have not been read. So the event loop first polls its sockets, then limits are
 * checked. The time of a long stop does not count towards any limit.
 */

import { type ActiveItem, ActiveSet } from '../../shared/active-set.ts';
import type { Clock, Timer } from '../../shared/clock.ts';

const TICK_MS = 20;

/** After a tick that is later than this, sockets are read before limits are checked. */
const LATE_MS = 200;

/** A longer stop does not count towards any limit. */
const STOPPED_MS = 1000;

/** One limit. `extend` restarts it from now; `cancel` may be called at any time. */
export interface PhaseTimer extends Timer {
  extend(delayMs: number): void;
  /** Time until it fires; not above 0 where it is due. */
  remainingMs(): number;
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

  remainingMs(): number {
    return this.dueMs - this.#clock.nowMs();
  }

  cancel(): void {
    this.#armed.delete(this);
  }
}

export class PhaseTimers {
  readonly #clock: Clock;
  readonly #armed = new ActiveSet<Limit>();
  #ticker: Timer | null = null;
  #lastTickMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expired` once, `delayMs` from now, unless cancelled. */
  arm(delayMs: number, expired: () => void): PhaseTimer {
    const limit = new Limit(this.#armed, this.#clock, delayMs, expired);
    this.#armed.add(limit);
    if (this.#ticker === null) {
      this.#lastTickMs = this.#clock.nowMs();
      this.#ticker = this.#clock.every(TICK_MS, () => this.#tick());
    }
    return limit;
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs - this.#lastTickMs - TICK_MS;
    this.#lastTickMs = nowMs;
    if (lateMs <= LATE_MS) {
      this.#judge();
      return;
    }
    if (lateMs > STOPPED_MS) for (const limit of this.#armed.all()) limit.dueMs += lateMs;
    // Timers run before sockets are polled: the first of these comes after a poll, the second after another.
    setImmediate(() => setImmediate(() => this.#judge()));
  }

  #judge(): void {
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
