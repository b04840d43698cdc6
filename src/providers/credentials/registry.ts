/** All kinds of credentials. */
import { bearer, keyIn } from './api-key.ts';
import { sigv4 } from './aws/sigv4.ts';
import { fetchedToken } from './fetched-token.ts';
import type { Credentials, CredentialsKind } from './types.ts';

const kinds: Readonly<Record<CredentialsKind, Credentials>> = {
  bearer,
  'x-api-key': keyIn('x-api-key'),
  'api-key': keyIn('api-key'),
  'x-goog-api-key': keyIn('x-goog-api-key'),
  sigv4,
  'google-token': fetchedToken,
  'entra-token': fetchedToken,
};

/** The credentials of a kind. */
export function credentialsOf(kind: CredentialsKind): Credentials {
  return kinds[kind];
}
