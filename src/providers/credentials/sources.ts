/** Where the credentials of each kind are fetched. */
import { accessKey } from './aws/source.ts';
import { entraToken } from './entra/source.ts';
import type { Source } from './fetching.ts';
import { googleToken } from './google/source.ts';
import type { FetchedKind } from './types.ts';

/** By kind; a new kind is a line here and one in `registry.ts`. */
export const sources: Readonly<Record<FetchedKind, Source>> = {
  sigv4: accessKey,
  'google-token': googleToken,
  'entra-token': entraToken,
};
