/** A bearer token that was fetched, under the name `token`. */
import type { Credentials } from './types.ts';

/** `authorization: Bearer TOKEN`. */
export const fetchedToken: Credentials = {
  isFetched: true,
  authorize: (_request, { fetched }) => ({ authorization: `Bearer ${fetched?.token ?? ''}` }),
};
