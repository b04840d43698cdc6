/** How a request shows that the gateway may make it. */

import type { Bytes } from '../../wire/pieced-bytes.ts';

/** `bearer`: a key as `authorization: Bearer KEY`. `x-api-key`: a key in that header. */
export type CredentialsKind = 'bearer' | 'x-api-key';

/** A request as it will be sent, but for what shows that it may be: whoever signs it sees all of it. */
interface UnsignedRequest {
  readonly method: 'POST';
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/** What a provider's configuration has for it. */
interface Secrets {
  /** Empty for a provider without keys. */
  readonly apiKey: string;
}

export interface Credentials {
  /** The headers to add, in lower case. Called for each attempt, after all edits. @param nowMs since 1970 */
  authorize(request: UnsignedRequest, secrets: Secrets, nowMs: number): Readonly<Record<string, string>>;
}
