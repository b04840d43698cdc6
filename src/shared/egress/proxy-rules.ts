/**
 * Which proxy a URL is asked through. The rules are those of undici's `EnvHttpProxyAgent`, which most of Node's programs
 * follow: the variables in lower case go first, an empty one means none, and without one for https that for http counts
 * for both. Beside them, a network in `NO_PROXY` (`10.0.0.0/8`) means all addresses in it, as for curl and for programs in
 * Go. Pure: a name is not resolved for it.
 */
import { BlockList, isIP } from 'node:net';

/** The proxies by the scheme of what is asked for; null to ask directly. */
export interface ProxyRules {
  readonly http: string | null;
  readonly https: string | null;
  /** What is asked directly all the same, as in `NO_PROXY`: names, with a port where only that one is meant, networks, or `*`. */
  readonly bypass: string;
}

/** The rules that an environment has; null where it has none. */
export function proxiesOf(environment: Readonly<Record<string, string | undefined>>): ProxyRules | null {
  const http = environment.http_proxy ?? environment.HTTP_PROXY ?? '';
  const https = (environment.https_proxy ?? environment.HTTPS_PROXY ?? '') || http;
  if (http === '' && https === '') return null;
  const bypass = environment.no_proxy ?? environment.NO_PROXY ?? '';
  return { http: withScheme(http), https: withScheme(https), bypass };
}

/** `proxy:3128` is written often, and means http. */
function withScheme(proxy: string): string | null {
  if (proxy === '') return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** One proxy for all, as a configuration names it. */
export function oneProxy(url: string): ProxyRules {
  return { http: url, https: url, bypass: '' };
}

/** The proxy for a URL; null to ask directly. */
export function proxyFor(rules: ProxyRules, { protocol, hostname, port }: URL): string | null {
  const isTls = protocol === 'https:';
  const proxy = isTls ? rules.https : rules.http;
  if (proxy === null) return null;
  const host = withoutDot(withoutBrackets(hostname.toLowerCase()));
  const number = port === '' ? (isTls ? 443 : 80) : Number(port);
  const isBypassed = rules.bypass
    .split(/[,\s]+/)
    .some((entry) => entry !== '' && (matches(entry, host, number) || isWithin(entry, host)));
  return isBypassed ? null : proxy;
}

/** A name means itself and all below it; one with `*.` before it only those below. */
function matches(entry: string, host: string, port: number): boolean {
  const { name, port: wanted } = parsed(entry);
  if (wanted !== null && wanted !== port) return false;
  if (name === '*') return true;
  const bare = withoutDot(name.replace(/^\*?\./, '')).toLowerCase();
  return (host === bare && !entry.startsWith('*')) || host.endsWith(`.${bare}`);
}

/** Whether an address is in a network, as `10.0.0.0/8` or `fd00::/8`. What is no network has nothing in it. */
function isWithin(entry: string, host: string): boolean {
  const [, network = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const [bits, family] = [Number(digits), isIP(network)];
  if (family === 0 || isIP(host) !== family || bits > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}

/** An IPv6 address with a port stands in brackets; one without may. */
function parsed(entry: string): { readonly name: string; readonly port: number | null } {
  const [, ipv6 = null, ofIpv6 = ''] = /^\[(.+)\]:(\d+)$/.exec(entry) ?? [];
  if (ipv6 !== null) return { name: ipv6, port: Number(ofIpv6) };
  const [, name = null, port = ''] = /^([^:]+):(\d+)$/.exec(entry) ?? [];
  return name === null ? { name: withoutBrackets(entry), port: null } : { name, port: Number(port) };
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.+)\]$/, '$1');
}

function withoutDot(host: string): string {
  return host.length > 1 && host.endsWith('.') ? host.slice(0, -1) : host;
}
