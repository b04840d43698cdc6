/** Makes of a provider's checked input what its requests and connections need: headers, proxies, TLS. Pure. */
import type { ProviderConfig } from '../shared/config.ts';
import { oneProxy, type ProxyRules } from '../shared/egress/proxy-rules.ts';
import type { TlsConfig } from '../shared/egress/way.ts';
import { isPlainHeader } from './schema/header-names.ts';
import type { ConfigInput } from './schema/schema.ts';

type ProviderInput = ConfigInput['providers'][string];
type Egress = Pick<ProviderConfig, 'headers' | 'proxy' | 'tls'>;

/** What is not there has no field. @param ofEnvironment the proxies where the provider names none */
export function fillEgress(provider: ProviderInput, baseUrl: string, ofEnvironment: ProxyRules | null): Egress {
  const headers = Object.entries(provider.headers ?? {}).filter(([, value]) => value !== '');
  // Nobody is on the way to a socket of this host.
  const proxy = baseUrl.startsWith('unix:') ? null : proxyOf(provider.proxy, ofEnvironment);
  const tls = tlsOf(provider.tls ?? {});
  return {
    ...(headers.length > 0
      ? { headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])) }
      : {}),
    ...(proxy === null ? {} : { proxy }),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  };
}

/** An empty text is what a variable without a value leaves: as if it were not there. */
function proxyOf(given: ProviderInput['proxy'], ofEnvironment: ProxyRules | null): ProxyRules | null {
  if (given === undefined || given === '') return ofEnvironment;
  return given === null || given === 'none' ? null : oneProxy(given);
}

function tlsOf({ ca, cert, key, server_name: serverName }: NonNullable<ProviderInput['tls']>): TlsConfig {
  const given = Object.entries({ ca, cert, key, serverName }).filter(
    ([, text]) => text !== undefined && text.trim() !== '',
  );
  return Object.fromEntries(given);
}

/** What must be redacted of it: passwords of proxies, keys, and headers that are not known to hold none. */
export function secretsOfEgress({ headers = {}, proxy, tls }: Egress): string[] {
  const ofHeaders = Object.entries(headers).flatMap(([name, value]) => (isPlainHeader(name) ? [] : [value]));
  const ofProxies = [proxy?.http, proxy?.https].flatMap((url) => (url ? passwordsIn(url) : []));
  return [...ofHeaders, ...ofProxies, ...(tls?.key === undefined ? [] : [tls.key])];
}

/** As it is written in the URL, and as it is sent. */
function passwordsIn(url: string): string[] {
  const { password } = new URL(url);
  return password === '' ? [] : [password, decodeURIComponent(password)];
}
