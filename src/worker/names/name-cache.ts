/**
 * Names of providers as addresses, for `net.connect`. An answer is kept for its time to live. Connections that need the
 * same name share one question. While the resolver is silent, old addresses are served:
 *
 *   fresh ─► given at once
 *   expired for less than a minute ─► given at once, asked again meanwhile
 *   expired for longer ─► the new answer, or after 200 ms the old one
 *   never known ─► waited for; where no resolver answers, the failure is given at once for 30 s, and asked again
 *
 * `/etc/hosts` and `localhost` go before all. Only names of the configuration get here, so the map is bounded.
 */
import type { LookupFunction } from 'node:net';
import type { Clock, Timer } from '../../shared/clock.ts';
import { type Address, HostFile, parseHosts, parseResolverConfig } from './host-files.ts';
import { type Answer, HostResolver, NameError, type Query } from './name-query.ts';

/** Addresses that have expired are given without waiting for so long. */
const STALE_AT_ONCE_MS = 60_000;

/** After that a new answer is waited for, but no longer than this. */
const STALE_AFTER_MS = 200;

/** What has expired for longer than a day is as good as unknown (RFC 8767). */
const LONGEST_STALE_MS = 86_400_000;

/** A resolver's silence is not waited for again for so long. */
const SILENCE_MS = 30_000;

/** A name that is not there is not asked for again for so long. */
const NOT_FOUND_MS = 2000;

/** At most so often is a name asked for again after a failure. */
const ASK_AGAIN_MS = 1000;

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

type Done = (error: NameError | null, addresses: readonly Address[]) => void;

/** Somebody who waits for the answer. */
interface Waiter {
  readonly done: Done;
  readonly timer: Timer;
  /** Told or given up. It stays in the list until the answer comes, since many may give up in the same moment. */
  isOver: boolean;
}

interface Entry {
  addresses: readonly Address[] | null;
  freshUntilMs: number;
  failure: NameError | null;
  failedMs: number;
  asking: boolean;
  waiters: Waiter[];
}

interface NameCacheOptions {
  readonly clock: Clock;
  /** For tests. */
  readonly hostsPath?: string;
  readonly resolverPath?: string;
  readonly query?: Query;
}

export class NameCache {
  readonly #clock: Clock;
  readonly #hosts: HostFile<ReturnType<typeof parseHosts>>;
  readonly #resolverConfig: HostFile<ReturnType<typeof parseResolverConfig>>;
  readonly #resolver: HostResolver;
  readonly #query: Query;
  readonly #entries = new Map<string, Entry>();

  constructor({ clock, hostsPath = '/etc/hosts', resolverPath = '/etc/resolv.conf', query }: NameCacheOptions) {
    this.#clock = clock;
    this.#hosts = new HostFile(hostsPath, parseHosts, clock);
    this.#resolverConfig = new HostFile(resolverPath, parseResolverConfig, clock);
    this.#resolver = new HostResolver(clock);
    this.#query = query ?? this.#resolver.query;
  }

  /**
   * Calls `done` once, in this turn where nothing has to be waited for.
   *
   * @param limitMs after which a name that was never known counts as one for which no resolver answers
   */
  resolve(hostname: string, limitMs: number, done: Done): void {
    const name = hostname.toLowerCase();
    const local = this.#local(name);
    if (local !== null) {
      done(null, local);
      return;
    }
    const entry = this.#entry(name);
    if (!this.#known(entry, done)) this.#askFor(name, entry, limitMs, done);
  }

  /** For `net.connect`, after `resolve`: gives what that has left here, however old, so that nobody waits twice. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    const done: Done = (error, addresses) => {
      const wanted = addresses.filter(({ family }) => !options.family || family === Number(options.family));
      const [first] = wanted;
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(new NameError('ENOTFOUND', hostname), []);
      else if (options.all) callback(null, [...wanted]);
      else callback(null, first.address, first.family);
    };
    const name = hostname.toLowerCase();
    const entry = this.#entries.get(name);
    const left = this.#local(name) ?? (entry !== undefined && this.#isUsable(entry) ? entry.addresses : null);
    if (left === null) this.resolve(hostname, STALE_AFTER_MS, done);
    else done(null, left);
  };

  /** Ends the questions that are under way. */
  close(): void {
    this.#resolver.close();
  }

  /** What needs no resolver. RFC 6761, 6.3: names below `localhost` are this host's. */
  #local(name: string): readonly Address[] | null {
    const known = this.#hosts.read().get(name);
    if (known !== undefined) return known;
    return name === 'localhost' || name.endsWith('.localhost') ? LOOPBACK : null;
  }

  #entry(name: string): Entry {
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      const never = Number.NEGATIVE_INFINITY;
      entry = { addresses: null, freshUntilMs: never, failure: null, failedMs: never, asking: false, waiters: [] };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  /** Answers with what needs no question now; false where there is nothing. */
  #known({ addresses, freshUntilMs, failure, failedMs }: Entry, done: Done): boolean {
    const nowMs = this.#clock.nowMs();
    if (addresses !== null && nowMs < freshUntilMs) done(null, addresses);
    else if (failure?.code === 'ENOTFOUND' && nowMs - failedMs < NOT_FOUND_MS) done(failure, []);
    else return false;
    return true;
  }

  /** Asks, unless somebody does already; answers with what is old where that need not or should not wait. */
  #askFor(name: string, entry: Entry, limitMs: number, done: Done): void {
    const nowMs = this.#clock.nowMs();
    const { addresses, freshUntilMs, failure, failedMs } = entry;
    this.#ask(name, entry);
    if (addresses !== null && this.#isUsable(entry)) {
      if (failure !== null || nowMs < freshUntilMs + STALE_AT_ONCE_MS) done(null, addresses);
      else this.#wait(entry, STALE_AFTER_MS, () => done(null, addresses), done);
    } else if (failure !== null && failure.code !== 'ENOTFOUND' && nowMs - failedMs < SILENCE_MS) {
      done(failure, []);
    } else {
      this.#wait(entry, limitMs, () => done(this.#failed(entry, new NameError('EAI_AGAIN', name)), []), done);
    }
  }

  /** Whether old addresses may still serve. */
  #isUsable({ freshUntilMs }: Entry): boolean {
    return this.#clock.nowMs() < freshUntilMs + LONGEST_STALE_MS;
  }

  #wait(entry: Entry, limitMs: number, late: () => void, done: Done): void {
    const giveUp = () => {
      if (waiter.isOver) return;
      waiter.isOver = true;
      late();
    };
    // After the process stood still, timers come before sockets: the answer may be there, not yet read.
    const timer = this.#clock.after(limitMs, () => setImmediate(() => setImmediate(giveUp)));
    const waiter: Waiter = { done, timer, isOver: false };
    entry.waiters.push(waiter);
  }

  #ask(name: string, entry: Entry): void {
    if (entry.asking || this.#clock.nowMs() - entry.failedMs < ASK_AGAIN_MS) return;
    entry.asking = true;
    this.#query(name, this.#resolverConfig.read()).then(
      (answer) => this.#answered(entry, answer),
      (error: unknown) => {
        const failure = error instanceof NameError ? error : new NameError('EAI_AGAIN', name, error);
        if (failure.code === 'ENOTFOUND' || !this.#isUsable(entry)) entry.addresses = null;
        this.#failed(entry, failure);
        const stale = entry.addresses;
        this.#settle(entry, (waiter) => (stale === null ? waiter.done(failure, []) : waiter.done(null, stale)));
      },
    );
  }

  #answered(entry: Entry, { addresses, ttlMs }: Answer): void {
    entry.addresses = addresses;
    entry.freshUntilMs = this.#clock.nowMs() + ttlMs;
    entry.failure = null;
    this.#settle(entry, (waiter) => waiter.done(null, addresses));
  }

  #failed(entry: Entry, failure: NameError): NameError {
    entry.failure = failure;
    entry.failedMs = this.#clock.nowMs();
    return failure;
  }

  #settle(entry: Entry, tell: (waiter: Waiter) => void): void {
    entry.asking = false;
    const waiters = entry.waiters;
    entry.waiters = [];
    for (const waiter of waiters) {
      if (waiter.isOver) continue;
      waiter.isOver = true;
      waiter.timer.cancel();
      tell(waiter);
    }
  }
}
