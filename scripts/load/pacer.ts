/** Begins requests at a fixed rate, whether or not earlier ones are answered. */

const TICK_MS = 1;

/** Begins immediately, and runs until it is stopped. */
export class Pacer {
  readonly #timer: NodeJS.Timeout;

  /**
   * @param begin is given the time at which the request was due, on the clock of `performance.now()`, which may have
   *   passed a while ago
   * @param mayBegin is asked before each request; those that are due meanwhile begin later, together
   */
  constructor(perSecond: number, begin: (dueAt: number) => void, mayBegin: () => boolean) {
    const startedAt = performance.now();
    let begun = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      while (mayBegin()) {
        const dueAt = startedAt + (begun * 1000) / perSecond;
        if (dueAt > now) return;
        begun += 1;
        begin(dueAt);
      }
    }, TICK_MS);
  }

  /** Begins no more requests. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
