/**
 * The end of a request from outside: its client has left, or a limit of ours is reached. What is under way for a request
 * is one thing after the other (a wait, an attempt, a relay), so there is one watcher at a time, and this is a fraction
 * of what an AbortController costs per request.
 */

import type { ActiveItem } from './active-set.ts';

type CancelReason = 'client-gone' | 'limit';

export class Cancellation implements ActiveItem {
  place = 0;
  #reason: CancelReason | null = null;
  #watcher: ((reason: CancelReason) => void) | null = null;

  /** Null while the request may go on. */
  get reason(): CancelReason | null {
    return this.#reason;
  }

  /** Ends what is under way; only the first reason counts. */
  cancel(reason: CancelReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    const watcher = this.#watcher;
    this.#watcher = null;
    watcher?.(reason);
  }

  /** Calls `watcher` once, at the cancellation, or now if that has been; it replaces the one before. */
  watch(watcher: (reason: CancelReason) => void): void {
    if (this.#reason === null) this.#watcher = watcher;
    else watcher(this.#reason);
  }

  /** What was under way is over. */
  unwatch(): void {
    this.#watcher = null;
  }
}
