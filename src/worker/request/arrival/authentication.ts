/**
 * Finds out who asks: the client's key is compared with each configured key, by hash and in constant time. Where the key
 * stands in the headers is the dialect's.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../../../dialects/types.ts';
import { GatewayError } from '../../../shared/errors.ts';
import { sameDigest, secretDigest } from '../../../shared/secrets/secret-compare.ts';

/** Who asks. What a key may do and spend hangs on it. */
export interface Principal {
  /** The setting that holds the key, such as `server.keys[0]`; null where no key is asked for. */
  readonly keyName: string | null;
}

/** Throws `invalid_api_key` (401) unless the headers have one of the keys. */
export type Authenticate = (headers: IncomingHttpHeaders, dialect: KeyedDialect) => Principal;

type KeyedDialect = Pick<Dialect, 'clientKey' | 'keyHint'>;

const anybody: Principal = { keyName: null };

/** Prepares the comparison for a set of keys. Without keys, every request is accepted. */
export function authenticator(keys: readonly string[]): Authenticate {
  if (keys.length === 0) return () => anybody;
  const known = keys.map((key, index) => ({ digest: secretDigest(key), who: { keyName: `server.keys[${index}]` } }));
  return (headers, { clientKey, keyHint }) => {
    const key = clientKey(headers);
    if (key === null) throw new GatewayError('invalid_api_key', `No API key was given. Send one as ${keyHint}.`);
    const given = secretDigest(key);
    // Every key is compared, so that the time taken does not show which key nearly matched.
    const [match] = known.filter(({ digest }) => sameDigest(digest, given));
    if (match === undefined) throw new GatewayError('invalid_api_key', 'The API key is not known to this gateway.');
    return match.who;
  };
}
