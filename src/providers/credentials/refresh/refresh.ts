/**
 * Keeps one set of fetched credentials fresh, from `start` to `stop`. One fetch at a time, whoever asks; what is held lives
 * on while fetches fail.
 *
 *   start ──► fetching ── success ──► waiting until 5 min before its end, or half of a short life ──┐
 *                ▲  └──── failure ──► waiting 1 s … 60 s ───────────────────────────────────────────┤
 *                └──────────────────────────────── or refused by a provider: at once ◄──────────────┘
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { HeldCredentials } from '../../../shared/held-credentials.ts';
import type { Fetched } from '../fetching.ts';
import { FRESH_MS, refreshAfterMs, retryAfterMs } from './refresh-times.ts';

interface RefreshOptions {
  readonly identity: string;
  readonly fetch: () => Promise<Fetched>;
  readonly clock: Clock;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  /** Called after each success; `isNew`: the values, or their end, are others than before. */
  readonly succeeded: (held: HeldCredentials, isNew: boolean) => void;
  /** Called after each failure, with its reason in words. */
  readonly failed: (reason: string) => void;
}

/** One set of credentials. */
export class Refresh {
  readonly #options: RefreshOptions;
  #held: HeldCredentials | null;
  #problem: string | null = null;
  #failures = 0;
  #flight: Promise<void> | null = null;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #stopped = false;

  /** @param held what somebody else has fetched before; null for nothing */
  constructor(options: RefreshOptions, held: HeldCredentials | null = null) {
    this.#options = options;
    this.#held = held;
  }

  /** The last that were got, even if they have ended. */
  get held(): HeldCredentials | null {
    return this.#held;
  }

  /** Why the last fetch failed; null if it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Begins, with a fetch where nothing is held. Resolves when that has ended, well or not. */
  start(): Promise<void> {
    if (this.#held === null) return this.#fetch();
    this.#schedule(refreshAfterMs(this.#lifeMs(this.#held), this.#options.random()));
    return Promise.resolve();
  }

  /** A provider refuses the held ones of this version: they are fetched anew, unless they are fresh. Never rejects. */
  renew(version: number): Promise<void> {
    const isFresh = this.#options.clock.nowMs() - this.#triedAtMs < FRESH_MS;
    if (this.#flight === null && ((this.#held?.version ?? 0) > version || isFresh)) return Promise.resolve();
    return this.#fetch();
  }

  /** Nothing is called any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #fetch(): Promise<void> {
    this.#flight ??= this.#tried().finally(() => {
      this.#flight = null;
    });
    return this.#flight;
  }

  async #tried(): Promise<void> {
    const { fetch, clock, random, failed } = this.#options;
    this.#timer?.cancel();
    this.#triedAtMs = clock.nowMs();
    try {
      const fetched = await fetch();
      if (this.#stopped) return;
      this.#failures = 0;
      this.#problem = null;
      const held = this.#hold(fetched);
      this.#schedule(refreshAfterMs(this.#lifeMs(held), random()));
    } catch (error) {
      if (this.#stopped) return;
      this.#failures += 1;
      this.#problem = error instanceof Error ? error.message : String(error);
      this.#schedule(retryAfterMs(this.#failures, random()));
      failed(this.#problem);
    }
  }

  #hold({ values, expiresAtMs }: Fetched): HeldCredentials {
    const { identity, clock, succeeded } = this.#options;
    const before = this.#held;
    const isNew = !isDeepStrictEqual(before?.values, values);
    const version = (before?.version ?? 0) + (isNew ? 1 : 0);
    const held = { identity, version, values, expiresAtMs, fetchedAtMs: clock.wallMs() };
    this.#held = held;
    succeeded(held, isNew || before?.expiresAtMs !== expiresAtMs);
    return held;
  }

  #lifeMs({ expiresAtMs }: HeldCredentials): number | null {
    return expiresAtMs === null ? null : expiresAtMs - this.#options.clock.wallMs();
  }

  #schedule(delayMs: number): void {
    if (!this.#stopped) this.#timer = this.#options.clock.after(delayMs, () => void this.#fetch());
  }
}
