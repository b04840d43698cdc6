/**
 * The fetched credentials that this worker has from its primary. A worker that is alone fetches them by itself, with the
 * same code.
 */
import type { Fetched } from '../../providers/credentials/fetching.ts';
import { Refresh } from '../../providers/credentials/refresh/refresh.ts';
import { FRESH_MS } from '../../providers/credentials/refresh/refresh-times.ts';
import { credentialsIdentity, type WantedCredentials, wantedCredentials } from '../../providers/wanted-credentials.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import type { HeldCredentials } from '../../shared/held-credentials.ts';
import type { Log } from '../../shared/log.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';

/** How long requests wait for what has not come yet, from the worker's start or from a new configuration on. */
const FIRST_MS = 2_000;
/** How long a request waits for those that replace refused ones. */
const RENEWAL_MS = 3_000;

interface WorkerCredentialsOptions {
  /** Asks the primary for others than those of this version. */
  readonly refused: (identity: string, version: number) => void;
  readonly fetch: (wanted: WantedCredentials) => Promise<Fetched>;
  readonly redactor: Redactor;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Log;
}

/** One per worker. */
export class WorkerCredentials {
  readonly #options: WorkerCredentialsOptions;
  readonly #held = new Map<string, HeldCredentials>();
  /** What is called with the next message of the primary. */
  #waiting: (() => void)[] = [];
  /** Until when requests wait for what has not come. */
  #patientUntilMs: number;
  /** By what the clock of AWS differs from this host's. */
  #offsetMs = 0;
  /** Of a worker that is alone; null while there is a primary. */
  #own: Map<string, Refresh> | null = null;

  constructor(options: WorkerCredentialsOptions, held: readonly HeldCredentials[]) {
    this.#options = options;
    this.#patientUntilMs = options.clock.nowMs() + FIRST_MS;
    this.take(held);
  }

  /** A message of the primary has come. What it does not name is kept until it ends: open requests may use it. */
  take(held: readonly HeldCredentials[]): void {
    const nowMs = this.#options.clock.wallMs();
    for (const [identity, { expiresAtMs }] of this.#held) {
      if (expiresAtMs !== null && expiresAtMs <= nowMs) this.#held.delete(identity);
    }
    for (const each of held) this.#held.set(each.identity, each);
    this.#options.redactor.knowPassing(held.flatMap(({ values }) => Object.values(values)));
    this.#wake();
  }

  /** A configuration has come: what it newly wants may take a moment. */
  reconfigured(): void {
    this.#patientUntilMs = this.#options.clock.nowMs() + FIRST_MS;
  }

  /** What there is for a provider; null if it has come to an end, or has never come. */
  of(config: ProviderConfig): HeldCredentials | null {
    const identity = credentialsIdentity(config);
    const held = identity === null ? undefined : this.#held.get(identity);
    if (held === undefined) return null;
    const { expiresAtMs } = held;
    return expiresAtMs === null || expiresAtMs > this.#options.clock.wallMs() ? held : null;
  }

  /** Now, by the clock against which signatures are checked, since 1970. */
  signingMs(): number {
    return this.#options.clock.wallMs() + this.#offsetMs;
  }

  /** Takes over the clock that an answer shows. False if it shows nothing new. @param date its header */
  learnClock(date: string | undefined): boolean {
    const serverMs = Date.parse(date ?? '');
    if (Number.isNaN(serverMs)) return false;
    const offsetMs = serverMs - this.#options.clock.wallMs();
    if (Math.abs(offsetMs - this.#offsetMs) < 1_500) return false;
    this.#offsetMs = offsetMs;
    return true;
  }

  /** Waits for the first ones of a provider, if they may be on their way. */
  async first(config: ProviderConfig): Promise<HeldCredentials | null> {
    const limitMs = this.#patientUntilMs - this.#options.clock.nowMs();
    return this.#until(limitMs, () => this.of(config));
  }

  /**
   * A provider takes these no more. Waits for others: null if none come; the same if the provider refuses what is fresh, so
   * that others would not help.
   */
  async renewed(config: ProviderConfig, used: HeldCredentials): Promise<HeldCredentials | null> {
    const { clock, refused } = this.#options;
    const others = () => {
      const held = this.of(config);
      return held === null || held.version === used.version ? null : held;
    };
    const already = others();
    if (already !== null) return already;
    if (clock.wallMs() - used.fetchedAtMs < FRESH_MS) return used;
    const own = this.#own?.get(used.identity);
    if (own === undefined) refused(used.identity, used.version);
    else void own.renew(used.version);
    return this.#until(RENEWAL_MS, others);
  }

  /** The primary is gone: from now on this worker fetches what its configuration wants. */
  alone({ providers }: Config): void {
    const { fetch, clock, random, log } = this.#options;
    this.#own = new Map();
    for (const wanted of wantedCredentials(Object.values(providers))) {
      const { identity } = wanted;
      const refresh = new Refresh(
        {
          identity,
          fetch: () => fetch(wanted),
          clock,
          random,
          succeeded: (held) => this.take([held]),
          failed: (reason) => log.warn({ providers: wanted.providers, reason }, 'credentials could not be fetched'),
        },
        this.#held.get(identity) ?? null,
      );
      this.#own.set(identity, refresh);
      void refresh.start();
    }
  }

  /** Asks again with every message that comes. Null if nothing is found in that time. */
  async #until<T>(limitMs: number, find: () => T | null): Promise<T | null> {
    let isOver = limitMs <= 0;
    let found = find();
    let timer: Timer | null = null;
    while (found === null && !isOver) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        timer ??= this.#options.clock.after(limitMs, () => {
          isOver = true;
          this.#wake();
        });
      });
      found = find();
    }
    (timer as Timer | null)?.cancel();
    return found;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}
