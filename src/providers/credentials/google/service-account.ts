/** A token that a service account signs for itself: Google's APIs take it as it is, so no network is needed. */
import { createSign } from 'node:crypto';
import type { JsonRecord } from '../../../shared/json.ts';
import { CredentialsError, type Fetched, textOf } from '../fetching.ts';

/** What a token may be used for: all that the account may do. */
export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** The longest that Google takes. */
const LIFE_SECONDS = 3600;

/**
 * @param account the JSON of its key
 * @param nowMs since 1970
 * @throws CredentialsError for a key that cannot sign
 */
export function selfSigned(account: JsonRecord, nowMs: number): Fetched {
  const from = 'the JSON of the service account';
  const issuer = textOf(account, 'client_email', from);
  const issuedAt = Math.floor(nowMs / 1000);
  const head = { alg: 'RS256', typ: 'JWT', kid: textOf(account, 'private_key_id', from) };
  const claims = { iss: issuer, sub: issuer, scope: SCOPE, iat: issuedAt, exp: issuedAt + LIFE_SECONDS };
  const signed = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = signatureOf(signed, textOf(account, 'private_key', from));
  return { values: { token: `${signed}.${signature}` }, expiresAtMs: (issuedAt + LIFE_SECONDS) * 1000 };
}

function signatureOf(signed: string, privateKey: string): string {
  try {
    return createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url');
  } catch {
    // The error of OpenSSL may quote the key.
    throw new CredentialsError('the private_key of the service account is no key');
  }
}
