/**
 * Cancels a request from outside: its client has left, or a limit of the gateway is reached. A request does one thing
 * at a time (a wait, an attempt, a relay), so one watcher is enough. This costs a fraction of an AbortController per
 * request.
 */

type CancelReason = 'client-gone' | 'limit';

export class Cancellation {
  #reason: CancelReason | null = null;
  #watcher: ((reason: CancelReason) => void) | null = null;

  /** Null while the request is not cancelled. */
  get reason(): CancelReason | null {
    return this.#reason;
  }

  /** Cancels the request and calls the watcher. Only the first reason counts. */
  cancel(reason: CancelReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const watcher = this.#watcher;
    this.#watcher = null;
    watcher?.(reason);
  }

  /** Calls `watcher` once: at the cancellation, or now if that has happened. Replaces the previous watcher. */
  watch(watcher: (reason: CancelReason) => void): void {
    if (this.#reason === null) this.#watcher = watcher;
    else watcher(this.#reason);
  }

  /** Removes the watcher, because the work that it watched for has ended. */
  unwatch(): void {
    this.#watcher = null;
  }
}
