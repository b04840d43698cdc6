/**
 * Requests signed with an access key of AWS for its service of models. The region is the setting of that name.
 *
 * Signed are the host and all headers of AWS (`x-amz-…`), the body by its digest: a proxy may change what else there is.
 */
import { createHash } from 'node:crypto';
import type { Bytes } from '../../../wire/pieced-bytes.ts';
import type { Credentials, FetchedValues, Secrets } from '../types.ts';
import { headersToSign, type SigningKey, sha256, signV4 } from './sign-v4.ts';

const SERVICE = 'bedrock';

/** Fetched are `accessKeyId`, `secretAccessKey` and, of a temporary key, `sessionToken`. */
export const sigv4: Credentials = {
  isFetched: true,
  authorize({ method, url, headers: sent, body }, secrets, nowMs) {
    const key = keyOf(secrets);
    const digest = digestOf(body);
    const headers = { ...headersToSign(key, nowMs), 'x-amz-content-sha256': digest };
    const signed: Record<string, string> = { ...headers };
    for (const name in sent) if (name.startsWith('x-amz-')) signed[name] = sent[name] ?? '';
    return { ...headers, authorization: signV4({ method, url, headers: signed, digest }, key) };
  },
};

/** By what was fetched, so that what follows from a key is made once. */
const keys = new WeakMap<FetchedValues, SigningKey>();

/** The region is one of the provider's settings: what was fetched is fetched anew where those change. */
function keyOf({ settings, fetched }: Secrets): SigningKey {
  if (fetched === null) throw new Error('no access key has been fetched');
  let key = keys.get(fetched);
  if (key === undefined) {
    const { accessKeyId = '', secretAccessKey = '', sessionToken = null } = fetched;
    key = { accessKeyId, secretAccessKey, sessionToken, region: settings.region ?? '', service: SERVICE };
    keys.set(fetched, key);
  }
  return key;
}

/** Read piece by piece: a large body is not copied. */
function digestOf(body: Bytes): string {
  if (Buffer.isBuffer(body)) return sha256(body);
  const whole = createHash('sha256');
  for (const piece of body) whole.update(piece);
  return whole.digest('hex');
}
