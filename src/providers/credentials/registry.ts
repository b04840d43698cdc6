/** All kinds of credentials. */
import { bearer, xApiKey } from './api-key.ts';
import type { Credentials, CredentialsKind } from './types.ts';

const kinds: Readonly<Record<CredentialsKind, Credentials>> = { bearer, 'x-api-key': xApiKey };

/** The credentials of a kind. */
export function credentialsOf(kind: CredentialsKind): Credentials {
  return kinds[kind];
}
