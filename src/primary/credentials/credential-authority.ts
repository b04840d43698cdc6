/**
 * Fetches and keeps the credentials that the configuration wants, each once for all workers, and hands them out. They go to
 * workers in messages of their own: a refresh is no change of a provider, so its circuits and accounts stay.
 */
import { Refresh } from '../../providers/credentials/refresh/refresh.ts';
import type { FetchCredentials } from '../../providers/fetch-credentials.ts';
import { type WantedCredentials, wantedCredentials } from '../../providers/wanted-credentials.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import type { HeldCredentials } from '../../shared/held-credentials.ts';
import type { Log } from '../../shared/log.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';

/** How long a reload waits for what its configuration newly wants, before workers get it. */
const FIRST_FETCH_MS = 1_000;

interface CredentialAuthorityOptions {
  readonly fetch: FetchCredentials;
  readonly clock: Clock;
  /** 0 … 1, for jitter. */
  readonly random: () => number;
  readonly log: Log;
  /** Of the log: it gets to know what is fetched. */
  readonly redactor: Redactor;
  readonly broadcast: (held: readonly HeldCredentials[]) => void;
  readonly failed: (provider: string) => void;
}

/** The fetched credentials of a provider. Holds no secret. */
export interface CredentialsReport {
  readonly provider: string;
  /** What is fetched. */
  readonly kind: string;
  /** Since 1970; null: they do not end, or there are none. */
  readonly expiresAtMs: number | null;
  /** Whether there are some that have not ended. */
  readonly usable: boolean;
  /** Why the last fetch failed; null if it did not. */
  readonly problem: string | null;
}

/** One per gateway. */
export class CredentialAuthority {
  readonly #options: CredentialAuthorityOptions;
  #kept: ReadonlyMap<string, { readonly wanted: WantedCredentials; readonly refresh: Refresh }> = new Map();

  constructor(options: CredentialAuthorityOptions) {
    this.#options = options;
  }

  /** Fetches what is new in a configuration, and forgets what it does not want. Resolves when all has been tried, or soon. */
  async reconfigure({ providers }: Config): Promise<void> {
    const before = this.#kept;
    const all = wantedCredentials(Object.values(providers)).map((wanted) => {
      return { wanted, refresh: before.get(wanted.identity)?.refresh ?? this.#refreshFor(wanted) };
    });
    this.#kept = new Map(all.map((each) => [each.wanted.identity, each]));
    for (const [identity, { refresh }] of before) if (!this.#kept.has(identity)) refresh.stop();
    const fresh = all.filter(({ wanted }) => !before.has(wanted.identity));
    if (fresh.length === 0) return;
    const limit = new AbortController();
    const tried = Promise.all(fresh.map(({ refresh }) => refresh.start()));
    await Promise.race([tried, sleep(this.#options.clock, FIRST_FETCH_MS, limit.signal)]);
    limit.abort();
  }

  /** All that are held, for a worker. */
  held(): HeldCredentials[] {
    return [...this.#kept.values()].flatMap(({ refresh }) => refresh.held ?? []);
  }

  /** A provider refuses those of this version. Resolves when there are others, or none could be had. */
  async renew(identity: string, version: number): Promise<void> {
    await this.#kept.get(identity)?.refresh.renew(version);
  }

  /** One for each provider that has such credentials. */
  report(): CredentialsReport[] {
    const nowMs = this.#options.clock.wallMs();
    return [...this.#kept.values()].flatMap(({ wanted, refresh }) => {
      const { held } = refresh;
      const problem = refresh.problem === null ? null : this.#options.redactor.redact(refresh.problem);
      const expiresAtMs = held?.expiresAtMs ?? null;
      const usable = held !== null && (expiresAtMs === null || expiresAtMs > nowMs);
      return wanted.providers.map((provider) => ({ provider, kind: wanted.kind, expiresAtMs, usable, problem }));
    });
  }

  /** Fetches no more. */
  stop(): void {
    for (const { refresh } of this.#kept.values()) refresh.stop();
  }

  #refreshFor(wanted: WantedCredentials): Refresh {
    const { fetch, clock, random, redactor, broadcast } = this.#options;
    const { identity } = wanted;
    return new Refresh({
      identity,
      fetch: () => fetch(wanted),
      clock,
      random,
      succeeded: ({ values }, isNew) => {
        redactor.knowPassing(Object.values(values));
        if (isNew) broadcast(this.held());
      },
      failed: (reason) => this.#failed(identity, reason),
    });
  }

  #failed(identity: string, reason: string): void {
    const { log, failed } = this.#options;
    const kept = this.#kept.get(identity);
    if (kept === undefined) return;
    const { wanted, refresh } = kept;
    for (const provider of wanted.providers) failed(provider);
    const endsAt = refresh.held?.expiresAtMs ?? null;
    const details = {
      providers: wanted.providers,
      reason,
      ...(endsAt === null ? {} : { heldUntil: new Date(endsAt).toISOString() }),
    };
    log.error(details, `credentials of ${wanted.providers.join(', ')} could not be fetched`);
  }
}
