/**
 * One question to the host's resolver: the addresses of a name, by c-ares, which uses sockets and no thread. IPv4 and
 * IPv6 are asked for together; once one is there, the other is waited for only briefly (RFC 8305, 3).
 *
 * What only the system's own modules know (mDNS, NIS, a host's own name) c-ares reports as not found. Only then
 * `getaddrinfo` is asked, one name at a time, so that it never takes more than one thread of Node's four.
 */
import dns from 'node:dns';
import os from 'node:os';
import type { Clock } from '../../shared/clock.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import { type Address, candidateNames, type ResolverConfig } from './host-files.ts';

/** The addresses of a name, best first, and how long they may be kept. */
export interface Answer {
  readonly addresses: readonly Address[];
  readonly ttlMs: number;
}

/** A name without addresses. `code`: ENOTFOUND where that is certain, EAI_AGAIN where no resolver answered. */
export class NameError extends Error {
  override readonly name = 'NameError';
  readonly code: 'ENOTFOUND' | 'ESERVFAIL' | 'EAI_AGAIN';

  constructor(code: NameError['code'], hostname: string, cause?: unknown) {
    super(`${code} ${hostname}`, { cause });
    this.code = code;
  }
}

/** Finds addresses; rejects with `NameError`. */
export type Query = (hostname: string, config: ResolverConfig) => Promise<Answer>;

type SystemLookup = (hostname: string) => Promise<readonly dns.LookupAddress[]>;

/** Per try, each longer than the one before: with the next line 5 s in all, for one server. */
const QUERY_TIMEOUT_MS = 1000;
const QUERY_TRIES = 3;
const LONGEST_TIMEOUT_MS = 2000;

/** RFC 8305's resolution delay. */
const LATE_MS = 50;

/** A record's time to live is kept within these. */
const SHORTEST_TTL_MS = 1000;
const LONGEST_TTL_MS = 3_600_000;

/** `getaddrinfo` names no time to live. */
const SYSTEM_TTL_MS = 30_000;

/** What one of the two questions brought. */
type Half = { readonly addresses: readonly Address[]; readonly ttlMs: number } | { readonly error: NameError };

export class HostResolver {
  readonly #clock: Clock;
  readonly #system: SystemLookup;
  #resolver: dns.Resolver | null = null;
  #config: ResolverConfig | null = null;
  /** The system's look-ups, one after the other. */
  #lastSystemLookup: Promise<unknown> = Promise.resolve();

  /** @param system the system's own look-up, `getaddrinfo` */
  constructor(clock: Clock, system: SystemLookup = (hostname) => dns.promises.lookup(hostname, { all: true })) {
    this.#clock = clock;
    this.#system = system;
  }

  readonly query: Query = async (hostname, config) => {
    const resolver = this.#resolverFor(config);
    let failed: NameError | null = null;
    for (const candidate of candidateNames(hostname, config)) {
      const answer = await this.#ask(resolver, candidate);
      if (!('error' in answer)) return answer;
      // Not found below one domain says nothing of the next, nor does a domain whose servers are silent. The least certain
      // failure is remembered.
      failed = failed === null ? answer.error : lessCertain(failed, answer.error);
    }
    if (failed !== null && failed.code !== 'ENOTFOUND') throw failed;
    return this.#askSystem(hostname);
  };

  /** Ends what is asked now; it rejects. */
  close(): void {
    this.#resolver?.cancel();
  }

  #resolverFor(config: ResolverConfig): dns.Resolver {
    if (this.#resolver !== null && this.#config === config) return this.#resolver;
    const resolver = new dns.Resolver({
      timeout: QUERY_TIMEOUT_MS,
      tries: QUERY_TRIES,
      maxTimeout: LONGEST_TIMEOUT_MS,
    });
    try {
      if (config.servers.length > 0) resolver.setServers(config.servers);
    } catch {
      // A form that Node does not take (an address with a zone): c-ares has read the file too, and keeps its own list.
    }
    this.#resolver = resolver;
    this.#config = config;
    return resolver;
  }

  #ask(resolver: dns.Resolver, name: string): Promise<Half> {
    return new Promise((resolve) => {
      const ipv6 = hasIpv6();
      let four: Half | null = null;
      let six: Half | null = null;
      const settle = (late: boolean) => {
        if (four !== null && six !== null) resolve(merged(four, six, ipv6));
        else if (four !== null && !('error' in four) && (late || !ipv6)) resolve(four);
        else if (six !== null && !('error' in six) && late && ipv6) resolve(six);
      };
      const arrived = () => {
        settle(false);
        this.#clock.after(LATE_MS, () => settle(true));
      };
      resolver.resolve4(name, { ttl: true }, (error, records) => {
        four = halfOf(name, 4, error, records);
        arrived();
      });
      resolver.resolve6(name, { ttl: true }, (error, records) => {
        six = halfOf(name, 6, error, records);
        arrived();
      });
    });
  }

  #askSystem(hostname: string): Promise<Answer> {
    const asked = this.#lastSystemLookup.then(() => this.#system(hostname));
    this.#lastSystemLookup = asked.catch(() => undefined);
    return asked.then(
      (found) => ({
        addresses: found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })),
        ttlMs: SYSTEM_TTL_MS,
      }),
      (cause: unknown) => {
        throw new NameError(systemCode(cause) === 'EAI_AGAIN' ? 'EAI_AGAIN' : 'ENOTFOUND', hostname, cause);
      },
    );
  }
}

function halfOf(
  name: string,
  family: 4 | 6,
  error: NodeJS.ErrnoException | null,
  records: readonly dns.RecordWithTtl[] | undefined,
): Half {
  if (error !== null) return { error: new NameError(codeOf(error.code), name, error) };
  if (records === undefined || records.length === 0) return { error: new NameError('ENOTFOUND', name) };
  const seconds = Math.min(...records.map(({ ttl }) => ttl));
  const ttlMs = Math.min(LONGEST_TTL_MS, Math.max(SHORTEST_TTL_MS, seconds * 1000));
  return { addresses: records.map(({ address }) => ({ address, family })), ttlMs };
}

/** Whether the resolver has spoken about the name; everything else is silence: no server, no socket, no answer. */
function codeOf(code: string | undefined): NameError['code'] {
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EBADNAME':
      return 'ENOTFOUND';
    case 'ESERVFAIL':
    case 'EFORMERR':
    case 'EBADRESP':
    case 'ENOTIMP':
      return 'ESERVFAIL';
    default:
      return 'EAI_AGAIN';
  }
}

/** Both families, where both have answered. One that is silent does not matter beside one with addresses. */
function merged(four: Half, six: Half, ipv6First: boolean): Half {
  if ('error' in four) return 'error' in six ? worse(four, six) : six;
  if ('error' in six) return four;
  const [first, second] = ipv6First ? [six, four] : [four, six];
  return { addresses: [...first.addresses, ...second.addresses], ttlMs: Math.min(four.ttlMs, six.ttlMs) };
}

/** The less certain of two failures: a name is not there only if both say so. */
function worse(one: { readonly error: NameError }, other: { readonly error: NameError }): Half {
  return { error: lessCertain(one.error, other.error) };
}

function lessCertain(one: NameError, other: NameError): NameError {
  const certainty = ['EAI_AGAIN', 'ESERVFAIL', 'ENOTFOUND'];
  return certainty.indexOf(other.code) < certainty.indexOf(one.code) ? other : one;
}

/** Whether this host can be expected to reach IPv6 addresses beyond its own link. */
function hasIpv6(): boolean {
  return Object.values(os.networkInterfaces()).some((addresses) =>
    addresses?.some(({ family, internal, address }) => family === 'IPv6' && !internal && !/^fe[89ab]/i.test(address)),
  );
}
