/** How a request shows that the gateway may make it. */

import type { Method } from '../../shared/endpoints.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';

/** With a key of the configuration, in a header: `bearer` as `authorization: Bearer KEY`, the others alone in theirs. */
type KeyKind = 'bearer' | 'x-api-key' | 'api-key' | 'x-goog-api-key';

/**
 * With what is fetched for the provider, and ends: `sigv4` signs with an access key of AWS, the others are bearer tokens
 * of Google and of Microsoft Entra.
 */
export type FetchedKind = 'sigv4' | 'google-token' | 'entra-token';

export type CredentialsKind = KeyKind | FetchedKind;

/** What was fetched, by names that its kind gives. */
export type FetchedValues = Readonly<Record<string, string>>;

/** What can be signed of a request, as it will be sent. Headers of the gateway's own that the worker adds are not. */
interface UnsignedRequest {
  readonly method: Method;
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** What a provider's configuration has for it, and what was fetched. */
export interface Secrets {
  /** Empty for a provider without keys. */
  readonly apiKey: string;
  /** The provider's own settings by their keys. */
  readonly settings: Readonly<Record<string, string>>;
  /** Null where nothing is fetched, or nothing has come yet. */
  readonly fetched: FetchedValues | null;
}

export interface Credentials {
  /** Whether it takes what is fetched. Default: no. */
  readonly isFetched?: true;
  /**
   * The headers to add, in lower case. Called for each attempt, after all edits. Those that are fetched must have come.
   *
   * @param nowMs since 1970
   */
  authorize(request: UnsignedRequest, secrets: Secrets, nowMs: number): Readonly<Record<string, string>>;
}
