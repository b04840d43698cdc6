/**
 * What `check` warns of in a valid configuration: secrets that are easily guessed, and keys that anybody on the way can
 * read. They are no faults, since a test or a closed network may want them. Pure; no warning quotes a secret.
 */
import type { Config, ProviderKey } from '../../shared/config.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import type { PlacedSecret } from '../schema/secret-paths.ts';
import { formatPath } from '../source/faults.ts';

/** Fewer characters can be tried one after the other; API keys have 30 or more. */
const MIN_LENGTH = 16;

/** The warnings, each one sentence that names the setting. */
export function weakSecrets({ providers }: Config, secrets: readonly PlacedSecret[]): string[] {
  return secrets.flatMap(({ path, value }) => {
    const setting = formatPath(path);
    const [block, name = ''] = path;
    const provider = block === 'providers' ? providers[name] : undefined;
    if (provider === undefined) return guessable(setting, value);
    const { protocol, hostname } = new URL(provider.baseUrl);
    // A server on this host may want any word, and nobody is on the way.
    if (isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) return [];
    const readable = `${setting} is sent to ${hostname} over plain http: anybody on the way can read it`;
    return [...guessable(setting, value), ...(protocol === 'http:' ? [readable] : [])];
  });
}

/** The warnings of keys that stand twice in a provider's list: as accounts of their own, each would cool down for itself. */
export function doubledKeys({ providers }: Config): string[] {
  return Object.values(providers).flatMap(({ name, keys }) =>
    keys.flatMap((key, index) => sameAs(name, key, keys.slice(0, index))),
  );
}

function sameAs(provider: string, { name, key }: ProviderKey, before: readonly ProviderKey[]): string[] {
  const same = before.find((other) => other.key === key);
  if (same === undefined) return [];
  return [`providers.${provider}.api_keys: ${same.name} and ${name} are the same key, which gives no further limit`];
}

function guessable(setting: string, secret: string): string[] {
  if (secret.length >= MIN_LENGTH) return [];
  const length = secret.length === 1 ? '1 character' : `${secret.length} characters`;
  return [`${setting} has ${length} and can be guessed: use at least ${MIN_LENGTH}, from a random source`];
}
