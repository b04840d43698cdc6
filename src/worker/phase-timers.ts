/**
 * Time limits of everything in flight, all served by one coarse ticker: a stream re-arms its stall limit with every
 * event, and a timer of its own for each would cost more than the rest of the relay.
 *
 * A limit fires at its time or up to one tick (20 ms) later, never earlier. The ticker runs only while limits are set.
 */
import type { Clock, Timer } from '../shared/clock.ts';

const TICK_MS = 20;

/** One limit; `extend` starts it anew from now, `cancel` may be called at any time. */
export interface PhaseTimer extends Timer {
  extend(delayMs: number): void;
}

interface Entry {
  dueMs: number;
  readonly expired: () => void;
}

export class PhaseTimers {
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #ticker: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `expired` once, `delayMs` from now, unless cancelled. */
  arm(delayMs: number, expired: () => void): PhaseTimer {
    const entry: Entry = { dueMs: this.#clock.nowMs() + delayMs, expired };
    this.#entries.add(entry);
    this.#ticker ??= this.#clock.every(TICK_MS, () => this.#tick());
    return {
      extend: (newDelayMs) => {
        entry.dueMs = this.#clock.nowMs() + newDelayMs;
      },
      cancel: () => {
        this.#entries.delete(entry);
      },
    };
  }

  #tick(): void {
    const nowMs = this.#clock.nowMs();
    for (const entry of this.#entries) {
      if (entry.dueMs > nowMs) continue;
      this.#entries.delete(entry);
      entry.expired();
    }
    if (this.#entries.size > 0) return;
    this.#ticker?.cancel();
    this.#ticker = null;
  }
}
