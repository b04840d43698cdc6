/** What the log says of a request, in whichever form. */
import type { ErrorCode, ErrorOwner } from '../../shared/errors.ts';

/** The fields in the log line of a request that has ended. */
export interface RequestLine {
  readonly id: string;
  readonly model: string;
  /** What the client has asked for where no model has that name; without secrets, on one line, cut. Left out otherwise. */
  readonly askedModel?: string | undefined;
  readonly provider: string;
  /** The name of the provider's key; left out where it has no choice of them. */
  readonly providerKey?: string | undefined;
  /** The provider's own name of the model, and its id of the request; null where no attempt was made or none was sent. */
  readonly upstreamModel: string | null;
  readonly upstreamRequestId: string | null;
  /** `client_gone`: its client has left before the terminal. After the commit, metrics count that as a success. */
  readonly outcome: 'success' | 'error' | 'client_gone';
  /** That was sent; 499 if the client left before any. */
  readonly status: number;
  readonly stream: boolean;
  readonly durationMs: number;
  readonly firstContentMs: number | null;
  /** As in `x-headgate-attempts`. */
  readonly attempts: string;
  /** Why the targets that were not asked were left out, as `left-out.ts` writes it; missing where none was. */
  readonly leftOut?: string | undefined;
  /** As the providers counted them, over all attempts; 0 where they did not. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Who has to act on the error, its code, and the code of what lies behind it; null where there is none. */
  readonly owner: ErrorOwner | null;
  readonly code: ErrorCode | null;
  readonly cause: string | null;
}
