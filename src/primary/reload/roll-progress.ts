/**
 * How far the last replacement of all workers has come, for people: it may take minutes, and who asked for it may be gone.
 * A roll that failed stays here with its problem until the next one begins.
 */
import type { Clock } from '../../shared/clock.ts';

/** A roll that runs or has ended. */
export interface RollRecord {
  /** In unix milliseconds. */
  readonly startedAtMs: number;
  /** Slots that are done, of so many. */
  readonly replaced: number;
  readonly of: number;
  /** Why it has ended before its last slot; null if it has not. */
  readonly problem: string | null;
}

export class RollProgress {
  readonly #clock: Clock;
  #last: RollRecord | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The roll that began last; null before the first. */
  get last(): RollRecord | null {
    return this.#last;
  }

  /**
   * Follows a roll over so many slots to its end; `run` is given what to call after each of them. Of two at the same time
   * only the later one is shown. Rejects as `run` does.
   */
  async follow(slots: number, run: (slotDone: () => void) => Promise<void>): Promise<void> {
    let mine: RollRecord = { startedAtMs: this.#clock.wallMs(), replaced: 0, of: slots, problem: null };
    const change = (next: Partial<RollRecord>) => {
      const isShown = this.#last === mine;
      mine = { ...mine, ...next };
      if (isShown) this.#last = mine;
    };
    this.#last = mine;
    try {
      await run(() => change({ replaced: mine.replaced + 1 }));
    } catch (error) {
      change({ problem: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }
}
