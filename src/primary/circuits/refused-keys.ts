/**
 * The 403s of all workers, by provider, and the moment at which they mean that a key is refused. Kept by the primary
 * alone: a worker sees its own callers only, and a row of 403s to one of them says nothing while others are served.
 */
import type { Clock } from '../../shared/clock.ts';
import { type ForbiddenStreak, meansKey, noStreak, withAccepted, withForbidden } from './forbidden-streak.ts';

/**
 * From the 403 that may mean the key until that is decided. A primary that was stopped reads all of one worker's events
 * before another's, which may be proofs of the key.
 */
const SETTLE_MS = 250;

interface RefusedKeysOptions {
  readonly clock: Clock;
  /** Whether a provider's key cools down already. */
  readonly isCooling: (provider: string) => boolean;
  /** Called when a provider's key is refused. */
  readonly refused: (provider: string) => void;
}

/** One per gateway. */
export class RefusedKeys {
  readonly #options: RefusedKeysOptions;
  /** A provider without a 403 so far may be missing. */
  readonly #streaks = new Map<string, ForbiddenStreak>();
  /** Providers whose keys are about to be judged. */
  readonly #doubted = new Set<string>();

  constructor(options: RefusedKeysOptions) {
    this.#options = options;
  }

  /** A 403 does not say what it is about. While the key cools down, those of requests under way say nothing new. */
  forbidden(provider: string, body: number, sentMs: number): void {
    const { clock, isCooling } = this.#options;
    if (isCooling(provider)) return;
    const nowMs = clock.nowMs();
    const before = this.#streaks.get(provider) ?? noStreak(Number.NEGATIVE_INFINITY);
    const streak = withForbidden(before, body, sentMs, nowMs);
    this.#streaks.set(provider, streak);
    if (!meansKey(streak, nowMs) || this.#doubted.has(provider)) return;
    this.#doubted.add(provider);
    clock.after(SETTLE_MS, () => this.#judge(provider));
  }

  /** An answer shows that the provider accepted the key. */
  accepted(provider: string): void {
    const streak = this.#streaks.get(provider);
    if (streak !== undefined) this.#streaks.set(provider, withAccepted(streak));
  }

  /** The provider begins anew: nothing that was sent before counts. */
  reset(provider: string): void {
    this.#streaks.set(provider, noStreak(this.#options.clock.nowMs()));
  }

  /** The provider is no longer configured. */
  forget(provider: string): void {
    this.#streaks.delete(provider);
  }

  #judge(provider: string): void {
    this.#doubted.delete(provider);
    const { clock, isCooling, refused } = this.#options;
    const streak = this.#streaks.get(provider);
    if (streak === undefined || !meansKey(streak, clock.nowMs()) || isCooling(provider)) return;
    this.accepted(provider);
    refused(provider);
  }
}
