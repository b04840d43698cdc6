/** Which credentials a configuration wants to be fetched. Pure. */
import { createHash } from 'node:crypto';
import type { ProviderConfig } from '../shared/config.ts';
import type { ProxyRules } from '../shared/egress/proxy-rules.ts';
import { identitySettings, sources } from './credentials/sources.ts';
import type { CredentialsKind, FetchedKind } from './credentials/types.ts';
import { providerOf } from './registry.ts';

/** Credentials that are fetched once, for all providers whose kind, settings and proxies are the same. */
export interface WantedCredentials {
  readonly identity: string;
  readonly kind: FetchedKind;
  readonly settings: Readonly<Record<string, string>>;
  /** Through which they are fetched; absent without one. */
  readonly proxy?: ProxyRules;
  /** Their names. */
  readonly providers: readonly string[];
}

/** All that these providers want, each once. */
export function wantedCredentials(providers: readonly ProviderConfig[]): WantedCredentials[] {
  const wanted = new Map<string, WantedCredentials>();
  for (const config of providers) {
    const { name, settings, proxy } = config;
    const kind = fetchedKindOf(config);
    if (kind === null) continue;
    const identity = identityOf(kind, config);
    const others = wanted.get(identity)?.providers ?? [];
    const way = proxy === undefined ? {} : { proxy };
    wanted.set(identity, { identity, kind, settings, ...way, providers: [...others, name] });
  }
  return [...wanted.values()];
}

/** What is to be fetched for a provider, in any of its dialects and with any of its keys; null for nothing. */
function fetchedKindOf({ type, dialects, keys, settings }: ProviderConfig): FetchedKind | null {
  const { credentials } = providerOf(type);
  if (typeof credentials === 'string') return isFetched(credentials) ? credentials : null;
  const kinds = keys.flatMap(({ key }) => dialects.map((each) => credentials({ apiKey: key, settings }, each)));
  return kinds.find(isFetched) ?? null;
}

/** The settings of an identity for which nothing is fetched, since there is a key that takes its place. */
export function settingsWithoutEffect(config: ProviderConfig): string[] {
  if (fetchedKindOf(config) !== null) return [];
  const withoutKeys = { ...config, keys: config.keys.map((each) => ({ ...each, key: '' })) };
  const kind = fetchedKindOf(withoutKeys);
  return kind === null ? [] : identitySettings[kind].filter((key) => key in config.settings);
}

function isFetched(kind: CredentialsKind): kind is FetchedKind {
  return kind in sources;
}

/** By provider: a configuration is the same object until the next reload. */
const identities = new WeakMap<ProviderConfig, string | null>();

/** The identity of a provider's fetched credentials; null if it has none. */
export function credentialsIdentity(config: ProviderConfig): string | null {
  let identity = identities.get(config);
  if (identity === undefined) {
    const kind = fetchedKindOf(config);
    identity = kind === null ? null : identityOf(kind, config);
    identities.set(config, identity);
  }
  return identity;
}

/** 16 hexadecimal digits, which show no secret. */
function identityOf(kind: FetchedKind, { settings, proxy }: Pick<ProviderConfig, 'settings' | 'proxy'>): string {
  const sorted = Object.entries(settings).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([kind, sorted, ...(proxy === undefined ? [] : [proxy])]))
    .digest('hex')
    .slice(0, 16);
}
