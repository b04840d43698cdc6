/** Fetches credentials from where they are, in the real world. */
import type { Clock } from '../shared/clock.ts';
import type { Fetched } from './credentials/fetching.ts';
import { openTools } from './credentials/refresh/open-tools.ts';
import { sources } from './credentials/sources.ts';
import type { WantedCredentials } from './wanted-credentials.ts';

/** Fetches those of one identity, once. Rejects with a `CredentialsError`. */
export type FetchCredentials = (wanted: Pick<WantedCredentials, 'kind' | 'settings' | 'proxy'>) => Promise<Fetched>;

/** Makes the function that fetches. */
export function credentialsFetcher(clock: Clock): FetchCredentials {
  return ({ kind, settings, proxy }) =>
    sources[kind](
      settings,
      openTools(() => clock.wallMs(), proxy),
    );
}
