/**
 * Checks client keys: a bearer key is compared with each configured key, by hash and in constant time.
 */
import { GatewayError } from '../../../shared/errors.ts';
import { sameDigest, secretDigest } from '../../../shared/secrets/secret-compare.ts';

/**
 * Throws `invalid_api_key` (401) unless the `authorization` header has one of the keys. Without configured keys, every
 * request is accepted.
 */
export type Authenticate = (authorization: string | undefined) => void;

/** Prepares the comparison for a set of keys. */
export function authenticator(keys: readonly string[]): Authenticate {
  const known = keys.map(secretDigest);
  return (authorization) => {
    if (known.length === 0) return;
    const key = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    if (key === undefined) {
      throw new GatewayError('invalid_api_key', 'No API key was given. Send one as "authorization: Bearer KEY".');
    }
    const given = secretDigest(key);
    // Every key is compared, so that the time taken does not show which key nearly matched.
    const matches = known.filter((candidate) => sameDigest(candidate, given));
    if (matches.length === 0) throw new GatewayError('invalid_api_key', 'The API key is not known to this gateway.');
  };
}
