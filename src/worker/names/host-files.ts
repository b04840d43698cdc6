/**
 * What the host's own files say about names: `/etc/hosts`, and `/etc/resolv.conf` with its servers and search domains.
 * The parsers are pure. Files are read synchronously, since Node's asynchronous reads use the thread pool, and again only
 * after they have changed.
 */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';

/** An address as `net.connect` expects it from a `lookup` function. */
export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** `/etc/resolv.conf`, as far as a query needs it. */
export interface ResolverConfig {
  /** Addresses, with a port where the file has one; empty: the resolver's own default. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** A name with fewer dots is first tried below the search domains. */
  readonly ndots: number;
}

/** Names in lower case → their addresses, in the order of the file. */
type Hosts = ReadonlyMap<string, readonly Address[]>;

/** How often a file is looked at. */
const CHECK_MS = 1000;

/** glibc's limits. */
const MAX_NDOTS = 15;

/** One file as a parsed value. A file that cannot be read is an empty one. */
export class HostFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  readonly #clock: Clock;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #version = '';
  #value: T;

  constructor(path: string, parse: (text: string) => T, clock: Clock) {
    this.#path = path;
    this.#parse = parse;
    this.#clock = clock;
    this.#value = parse('');
  }

  /** The same object as before while the file has not changed. */
  read(): T {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#checkedMs < CHECK_MS) return this.#value;
    this.#checkedMs = nowMs;
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return this.#value;
      this.#value = this.#parse(readFileSync(this.#path, 'utf8'));
      this.#version = version;
    } catch {
      // It may be missing, or out of reach while descriptors are lacking: what was read before stays true.
    }
    return this.#value;
  }
}

/** Reads the text of `/etc/hosts`. Lines that are none of its own are skipped. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, Address[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = wordsOf(line);
    const family = isIP(address);
    if (family !== 4 && family !== 6) continue;
    for (const name of names.map((each) => each.toLowerCase())) {
      const known = hosts.get(name);
      if (known === undefined) hosts.set(name, [{ address, family }]);
      else known.push({ address, family });
    }
  }
  return hosts;
}

/** Reads the text of `/etc/resolv.conf`; the last `search` or `domain` line counts, as in resolv.conf(5). */
export function parseResolverConfig(text: string): ResolverConfig {
  const servers: string[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = wordsOf(line);
    if (keyword === 'nameserver' && values[0] !== undefined) servers.push(values[0]);
    else if (keyword === 'search') search = values;
    else if (keyword === 'domain') search = values.slice(0, 1);
    else if (keyword === 'options') ndots = ndotsIn(values) ?? ndots;
  }
  return { servers, search: search.map(withoutDot).filter((domain) => domain !== ''), ndots };
}

/** The full names that a name may stand for, in the order in which they are tried. */
export function candidateNames(name: string, { search, ndots }: ResolverConfig): string[] {
  if (name.endsWith('.')) return [withoutDot(name)];
  const below = search.map((domain) => `${name}.${domain}`);
  return name.split('.').length - 1 >= ndots ? [name, ...below] : [...below, name];
}

function ndotsIn(options: readonly string[]): number | null {
  const value = options.map((option) => /^ndots:(\d+)$/.exec(option)?.[1]).find((digits) => digits !== undefined);
  return value === undefined ? null : Math.min(MAX_NDOTS, Number(value));
}

function wordsOf(line: string): string[] {
  return (line.split(/[#;]/, 1)[0] ?? '').split(/\s+/).filter((word) => word !== '');
}

function withoutDot(domain: string): string {
  return domain.replace(/\.$/, '');
}
