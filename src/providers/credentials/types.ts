/** How a request shows that the gateway may make it. */

import type { Method } from '../../shared/endpoints.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';

/** `bearer`: a key as `authorization: Bearer KEY`. `x-api-key`: a key in that header. */
export type CredentialsKind = 'bearer' | 'x-api-key';

/** What can be signed of a request, as it will be sent. Headers of the gateway's own that the worker adds are not. */
interface UnsignedRequest {
  readonly method: Method;
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** What a provider's configuration has for it, and what was fetched. */
interface Secrets {
  /** Empty for a provider without keys. */
  readonly apiKey: string;
  /** The provider's own settings by their keys. */
  readonly settings: Readonly<Record<string, string>>;
  /** What was fetched for this provider, by names that its kind gives; null where nothing is, or has not come yet. */
  readonly fetched: Readonly<Record<string, string>> | null;
}

export interface Credentials {
  /** The headers to add, in lower case. Called for each attempt, after all edits. @param nowMs since 1970 */
  authorize(request: UnsignedRequest, secrets: Secrets, nowMs: number): Readonly<Record<string, string>>;
}
