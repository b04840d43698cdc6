/**
 * What keeps a flood to a pace: so many at once, and so many a second from then on. Nothing waits here; what finds no
 * token is left to the caller.
 */
import type { Clock } from './clock.ts';

interface TokenBucketOptions {
  /** Most tokens, and those at the beginning. From 1. */
  readonly most: number;
  readonly perSecond: number;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #filledMs: number;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.most;
    this.#filledMs = options.clock.nowMs();
  }

  /** Takes a token; false if there is none. */
  take(): boolean {
    const { most, perSecond, clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#tokens = Math.min(most, this.#tokens + ((nowMs - this.#filledMs) * perSecond) / 1000);
    this.#filledMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
