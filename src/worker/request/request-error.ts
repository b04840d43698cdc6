/**
 * Why a request failed, in the one vocabulary that its metric, its log line and its error body share: a code from the
 * table of errors, and what lies behind it.
 */
import type { ErrorCode } from '../../shared/errors.ts';
import { systemCode } from '../../shared/host/system-code.ts';

export interface RequestError {
  readonly code: ErrorCode;
  /** Logged, never sent to a client. */
  readonly cause?: unknown;
}

/** How deep an error's causes are searched: a library wraps what the system said once or twice. */
const DEPTH = 5;

/**
 * The code of what lies behind a failure, as the system, TLS or a library gave it: `ENOTFOUND`, `ECONNREFUSED`,
 * `DEPTH_ZERO_SELF_SIGNED_CERT`, `UND_ERR_SOCKET`. The system's own comes first; null where there is none.
 */
export function causeCode(cause: unknown): string | null {
  let error = cause;
  let found: string | null = null;
  for (let depth = 0; depth < DEPTH && error instanceof Error; depth += 1) {
    const system = systemCode(error);
    if (system !== null) return system;
    if (found === null && 'code' in error && typeof error.code === 'string') found = error.code;
    // Several addresses were tried: the first one's failure stands for all.
    error = error instanceof AggregateError ? error.errors[0] : error.cause;
  }
  return found;
}
