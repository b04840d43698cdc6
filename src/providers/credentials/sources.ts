/** Where the credentials of each kind are fetched. */
import { awsSettings } from './aws/settings.ts';
import { accessKey } from './aws/source.ts';
import { entraSettings } from './entra/settings.ts';
import { entraToken } from './entra/source.ts';
import type { Source } from './fetching.ts';
import { googleSettings } from './google/settings.ts';
import { googleToken } from './google/source.ts';
import type { FetchedKind } from './types.ts';

/** By kind; a new kind is a line here and one in `registry.ts`. */
export const sources: Readonly<Record<FetchedKind, Source>> = {
  sigv4: accessKey,
  'google-token': googleToken,
  'entra-token': entraToken,
};

/** What a provider's block may say of the identity for which they are fetched, by kind. */
export const identitySettings: Readonly<Record<FetchedKind, readonly string[]>> = {
  sigv4: Object.keys(awsSettings),
  'google-token': Object.keys(googleSettings),
  'entra-token': Object.keys(entraSettings),
};
