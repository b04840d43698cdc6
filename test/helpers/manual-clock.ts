/**
 * A clock that only moves when a test advances it. Timers run in the order of their times, and timers of the same time
 * in the order in which they were set.
 */
import type { Clock, Timer } from '../../src/shared/clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly run: () => void;
}

/** Begins at 1,000 ms. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #alarms = new Set<Alarm>();

  constructor(nowMs = 1_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const alarm: Alarm = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      run: () => {
        this.#alarms.delete(alarm);
        callback();
      },
    };
    this.#alarms.add(alarm);
    return { cancel: () => this.#alarms.delete(alarm) };
  }

  every(periodMs: number, callback: () => void): Timer {
    let timer = this.after(periodMs, tick);
    const clock = this;
    function tick(): void {
      timer = clock.after(periodMs, tick);
      callback();
    }
    return { cancel: () => timer.cancel() };
  }

  /** The number of timers that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** The time of the next timer; null if none is set. */
  nextAtMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  /** Advances by `milliseconds` and runs every timer that becomes due meanwhile. */
  advance(milliseconds: number): void {
    const endMs = this.#nowMs + milliseconds;
    for (let next = this.#next(); next !== null && next.atMs <= endMs; next = this.#next()) {
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }

  #next(): Alarm | null {
    let next: Alarm | null = null;
    for (const alarm of this.#alarms) if (next === null || alarm.atMs < next.atMs) next = alarm;
    return next;
  }
}
