/**
 * What `check` warns of in a valid configuration: secrets that are easily guessed or not whole, and keys that anybody on the way can
 * read. They are no faults, since a test or a closed network may want them. Pure; no warning quotes a secret.
 */
import type { Config } from '../../shared/config.ts';
import { baseAddress } from '../../shared/egress/base-address.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import type { PlacedSecret } from '../schema/secret-paths.ts';
import { formatPath } from '../source/faults.ts';
import type { Concern } from './warning.ts';

/** Fewer characters can be tried one after the other; API keys have 30 or more. */
const MIN_LENGTH = 16;

/** One concern for each weakness. */
export function weakSecrets({ providers }: Config, secrets: readonly PlacedSecret[]): Concern[] {
  return secrets.flatMap(({ path, value }) =>
    weaknesses(providers, { path, value }).map((message) => ({ path, message })),
  );
}

function weaknesses(providers: Config['providers'], { path, value }: PlacedSecret): string[] {
  const setting = formatPath(path);
  const [block, name = ''] = path;
  const provider = block === 'providers' ? providers[name] : undefined;
  if (provider === undefined) return guessable(setting, value);
  const { origin, socketPath } = baseAddress(provider.baseUrl);
  const { protocol, hostname } = new URL(origin);
  // A server on this host may want any word, and nobody is on the way.
  if (socketPath !== null || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) return [];
  const readable = `${setting} is sent to ${hostname} over plain http: anybody on the way can read it`;
  return [...cutOff(setting, value), ...(protocol === 'http:' ? [readable] : [])];
}

function guessable(setting: string, secret: string): string[] {
  if (secret.length >= MIN_LENGTH) return [];
  return [`${setting} has ${lengthOf(secret)} and can be guessed: use at least ${MIN_LENGTH}, from a random source`];
}

/** Who configures a provider's key did not make it. */
function cutOff(setting: string, secret: string): string[] {
  if (secret.length >= MIN_LENGTH) return [];
  const words = 'fewer than providers give out: it may be cut off or a placeholder, so compare it with the original';
  return [`${setting} has ${lengthOf(secret)}, ${words}`];
}

function lengthOf(secret: string): string {
  return secret.length === 1 ? '1 character' : `${secret.length} characters`;
}
