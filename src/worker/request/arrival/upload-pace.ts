/**
 * How slowly a body may come. Its bytes buy time: without any it expires after a pause, and it is never further away than
 * that.
 */
import type { PhaseTimer, PhaseTimers } from '../../upstream/phase-timers.ts';

/** Limit for the time between two reads of a body. */
const BODY_PAUSE_MS = 30_000;

/** A body that is slower than this over the length of such a pause is refused. */
const LEAST_BYTES_PER_SECOND = 500;

/** Fewer bytes buy time only together with the next ones: to look at the clock for each byte takes a tenth of its time. */
const PAYING_BYTES = 64;

export class UploadPace {
  readonly #limit: PhaseTimer;
  readonly #pauseMs: number;
  /** Received, but not yet counted. */
  #unpaid = 0;

  /** @param tooSlow called once, with what the body was, unless the pace is no longer watched */
  constructor(timers: PhaseTimers, tooSlow: (was: string) => void, pauseMs = BODY_PAUSE_MS) {
    this.#pauseMs = pauseMs;
    this.#limit = timers.arm(pauseMs, () => {
      tooSlow(`slower than ${LEAST_BYTES_PER_SECOND} bytes a second over ${pauseMs / 1000} s`);
    });
  }

  /** So many bytes have come. */
  received(bytes: number): void {
    this.#unpaid += bytes;
    if (this.#unpaid < PAYING_BYTES) return;
    const boughtMs = (this.#unpaid / LEAST_BYTES_PER_SECOND) * 1000;
    this.#unpaid = 0;
    this.#limit.extend(Math.min(this.#pauseMs, this.#limit.remainingMs() + boughtMs));
  }

  /** It is no longer watched. */
  cancel(): void {
    this.#limit.cancel();
  }
}
