/** Warns of ways to providers that lead nowhere: a proxy before this host itself, and a certificate that has expired. Pure. */
import type { Config, ProviderConfig } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';
import { proxyFor } from '../../shared/egress/proxy-rules.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import { certificatesIn } from '../../shared/tls/pem.ts';
import type { Concern } from './warning.ts';

/** @param wallMs now, in unix time */
export function wayWarnings({ providers }: Config, wallMs: number): Concern[] {
  return Object.values(providers).flatMap((provider) => [
    ...roundabout(provider),
    ...expired(provider, 'ca', wallMs),
    ...expired(provider, 'cert', wallMs),
  ]);
}

/** What is on this host, the proxy would look for on its own. */
function roundabout({ name, baseUrl, proxy }: ProviderConfig): Concern[] {
  const url = new URL(baseAddress(baseUrl).origin);
  if (proxy === undefined || proxyFor(proxy, url) === null) return [];
  const proxyUrl = new URL(proxyFor(proxy, url) ?? url);
  if (!isLoopback(bare(url.hostname)) || isLoopback(bare(proxyUrl.hostname))) return [];
  const cure = `set "proxy: none" there, or add ${url.hostname} to NO_PROXY`;
  const message = `providers.${name} is on this host, but asked through a proxy that is not: ${cure}`;
  return [{ path: ['providers', name, 'proxy'], message }];
}

function expired({ name, tls }: ProviderConfig, key: 'ca' | 'cert', wallMs: number): Concern[] {
  const text = tls?.[key];
  const certificates = text === undefined ? [] : (certificatesIn(text) ?? []);
  // Of a bundle, many have expired, and the others serve.
  if (certificates.length === 0 || certificates.some(({ validToDate }) => validToDate.getTime() > wallMs)) return [];
  const message = `providers.${name}.tls.${key} has expired on ${certificates[0]?.validTo}: replace it`;
  return [{ path: ['providers', name, 'tls', key], message }];
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
