/** A key in a header: the same for every request, so nothing of it is looked at. */
import type { Credentials } from './types.ts';

const none: Readonly<Record<string, string>> = {};

export const bearer: Credentials = {
  authorize: (_request, { apiKey }) => (apiKey === '' ? none : { authorization: `Bearer ${apiKey}` }),
};

/** A key that stands alone in a header of this name. */
export function keyIn(header: string): Credentials {
  return { authorize: (_request, { apiKey }) => (apiKey === '' ? none : { [header]: apiKey }) };
}
