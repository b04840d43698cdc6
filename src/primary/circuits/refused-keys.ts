/**
 * The 403s of all workers, by key, and the moment at which they mean that a key is refused. Kept by the primary alone: a
 * worker sees its own callers only, and a row of 403s to one of them says nothing while others are served.
 */
import { cooldownKey } from '../../shared/circuits/circuit-view.ts';
import type { Clock } from '../../shared/clock.ts';
import { type ForbiddenStreak, meansKey, noStreak, withAccepted, withForbidden } from './forbidden-streak.ts';

/**
 * From the 403 that may mean the key until that is decided. A primary that was stopped reads all of one worker's events
 * before another's, which may be proofs of the key.
 */
const SETTLE_MS = 250;

interface RefusedKeysOptions {
  readonly clock: Clock;
  /** Whether a provider's key, by its name, cools down already. */
  readonly isCooling: (provider: string, key: string) => boolean;
  /** Called when a key is refused. */
  readonly refused: (provider: string, key: string) => void;
}

interface Row {
  streak: ForbiddenStreak;
  /** Whether it is about to be judged. */
  isDoubted: boolean;
}

/** One per gateway. */
export class RefusedKeys {
  readonly #options: RefusedKeysOptions;
  /** A key without a 403 so far may be missing. */
  readonly #rows = new Map<string, Row>();

  constructor(options: RefusedKeysOptions) {
    this.#options = options;
  }

  /** A 403 does not say what it is about. While the key cools down, those of requests under way say nothing new. */
  forbidden(provider: string, key: string, body: number, sentMs: number): void {
    const { clock, isCooling } = this.#options;
    if (isCooling(provider, key)) return;
    const nowMs = clock.nowMs();
    const row = this.#row(provider, key);
    row.streak = withForbidden(row.streak, body, sentMs, nowMs);
    if (!meansKey(row.streak, nowMs) || row.isDoubted) return;
    row.isDoubted = true;
    clock.after(SETTLE_MS, () => this.#judge(provider, key));
  }

  /** An answer shows that the provider accepted the key. */
  accepted(provider: string, key: string): void {
    if (this.#rows.size === 0) return;
    const row = this.#rows.get(cooldownKey(provider, key, null));
    if (row !== undefined) row.streak = withAccepted(row.streak);
  }

  /** The key begins anew: nothing that was sent before counts. */
  reset(provider: string, key: string): void {
    this.#row(provider, key).streak = noStreak(this.#options.clock.nowMs());
  }

  /** The key is no longer configured. */
  forget(provider: string, key: string): void {
    this.#rows.delete(cooldownKey(provider, key, null));
  }

  #row(provider: string, key: string): Row {
    const name = cooldownKey(provider, key, null);
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const row = { streak: noStreak(Number.NEGATIVE_INFINITY), isDoubted: false };
    this.#rows.set(name, row);
    return row;
  }

  #judge(provider: string, key: string): void {
    const { clock, isCooling, refused } = this.#options;
    const row = this.#rows.get(cooldownKey(provider, key, null));
    if (row === undefined) return;
    row.isDoubted = false;
    if (!meansKey(row.streak, clock.nowMs()) || isCooling(provider, key)) return;
    row.streak = withAccepted(row.streak);
    refused(provider, key);
  }
}
