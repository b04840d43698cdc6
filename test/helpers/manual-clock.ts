/**
 * A clock that stands still until it is told to go on, for tests of what depends on time. Timers run in the order of
 * their moments, and those of one moment in the order they were set.
 */
import type { Clock, Timer } from '../../src/shared/clock.ts';

interface Alarm {
  readonly atMs: number;
  readonly run: () => void;
}

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

  /** Number of timers that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** The moment of the next timer; null when none is set. */
  nextAtMs(): number | null {
    return this.#next()?.atMs ?? null;
  }

  /** Goes on by `milliseconds` and runs, on the way, every timer that comes due. */
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
