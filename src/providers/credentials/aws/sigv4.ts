/** Requests signed with an access key of AWS for its service of models. The region is the setting of that name. */
import type { Credentials, FetchedValues, Secrets } from '../types.ts';
import { type SigningKey, signV4 } from './sign-v4.ts';

const SERVICE = 'bedrock';

/** By what was fetched, so that what follows from a key is made once. */
const keys = new WeakMap<FetchedValues, SigningKey>();

export const sigv4: Credentials = {
  authorize: (request, secrets, nowMs) => signV4(request, keyOf(secrets), nowMs),
};

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
