/**
 * Keeps a flood to a pace, of which one frequent kind cannot withhold the others: beside the tokens for all there are as many
 * for kinds of which nothing has passed within the last second. Nothing waits here.
 */
import type { Clock } from './clock.ts';
import { TokenBucket } from './token-bucket.ts';

/** After this time without one, a kind is rare. */
const RARE_MS = 1_000;

interface FairPaceOptions {
  /** Most at once of all kinds, and as many of rare ones. From 1. */
  readonly most: number;
  readonly perSecond: number;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export class FairPace {
  readonly #clock: FairPaceOptions['clock'];
  readonly #ofAll: TokenBucket;
  readonly #ofRare: TokenBucket;
  /** When the last one of each kind passed, the earliest first; none of more than a second ago once another one comes. */
  readonly #passedMs = new Map<string, number>();

  constructor(options: FairPaceOptions) {
    this.#clock = options.clock;
    this.#ofAll = new TokenBucket(options);
    this.#ofRare = new TokenBucket(options);
  }

  /** Whether one of this kind may pass. */
  take(kind: string): boolean {
    const nowMs = this.#clock.nowMs();
    for (const [known, atMs] of this.#passedMs) {
      if (nowMs - atMs < RARE_MS) break;
      this.#passedMs.delete(known);
    }
    if (!this.#ofAll.take() && (this.#passedMs.has(kind) || !this.#ofRare.take())) return false;
    this.#passedMs.delete(kind);
    this.#passedMs.set(kind, nowMs);
    return true;
  }
}
