/**
 * What `check` warns of in a valid configuration: secrets that are easily guessed, and keys that anybody on the way can
 * read. They are no faults, since a test or a closed network may want them. Pure; no warning quotes a secret.
 */
import type { Config } from '../../shared/config.ts';
import { isLoopback } from '../../shared/loopback.ts';

/** Fewer characters can be tried one after the other; API keys have 30 or more. */
const MIN_LENGTH = 16;

/** The warnings, each one sentence that names the setting. */
export function weakSecrets({ server, admin, providers }: Config): string[] {
  const clients = server.keys.flatMap((key, index) => guessable(`server.keys[${index}]`, key));
  const token = admin.token === null ? [] : guessable('admin.token', admin.token);
  const ofProviders = Object.values(providers).flatMap(({ name, baseUrl, apiKey }) => {
    const { protocol, hostname } = new URL(baseUrl);
    // A server on this host may want any word, and nobody is on the way.
    if (apiKey === '' || isLoopback(hostname.replace(/^\[(.*)\]$/, '$1'))) return [];
    const setting = `providers.${name}.api_key`;
    const readable = `${setting} is sent to ${hostname} over plain http: anybody on the way can read it`;
    return [...guessable(setting, apiKey), ...(protocol === 'http:' ? [readable] : [])];
  });
  return [...clients, ...token, ...ofProviders];
}

function guessable(setting: string, secret: string): string[] {
  if (secret.length >= MIN_LENGTH) return [];
  const length = secret.length === 1 ? '1 character' : `${secret.length} characters`;
  return [`${setting} has ${length} and can be guessed: use at least ${MIN_LENGTH}, from a random source`];
}
