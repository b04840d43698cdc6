/**
 * Whether a request may come in, by what is held already. Pure: numbers in, a decision out.
 */
import type { ServerConfig } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';

interface Load {
  /** Requests admitted and not yet ended, in this worker. */
  readonly inFlight: number;
  /** Bytes of request bodies held now, in this worker. */
  readonly bufferedBytes: number;
}

/** How long a client turned away by overload is asked to wait. */
const OVERLOAD_RETRY_AFTER_MS = 1000;

/**
 * Throws `overloaded` (503) beyond the limits, `body_too_large` (413) for a body that is too large by its own word.
 *
 * @param declaredBytes what Content-Length says; null without one
 */
export function admit(server: ServerConfig, load: Load, declaredBytes: number | null): void {
  if (declaredBytes !== null) checkBodySize(server, declaredBytes);
  if (load.inFlight >= server.maxInFlight) {
    throw new GatewayError('overloaded', `This worker serves ${server.maxInFlight} requests already.`, {
      retryAfterMs: OVERLOAD_RETRY_AFTER_MS,
    });
  }
  checkBuffered(server, load.bufferedBytes + (declaredBytes ?? 0));
}

/** Throws `body_too_large` (413) when a body is larger than the limit, however its size was learned. */
export function checkBodySize(server: ServerConfig, bytes: number): void {
  if (bytes <= server.maxBodyBytes) return;
  throw new GatewayError('body_too_large', `The request's body is larger than ${server.maxBodyBytes} bytes.`);
}

/** Throws `overloaded` (503) when all bodies together take more than the limit. */
export function checkBuffered(server: ServerConfig, bytes: number): void {
  if (bytes <= server.maxBufferedBytes) return;
  throw new GatewayError('overloaded', 'This worker holds as many request bodies as it may.', {
    retryAfterMs: OVERLOAD_RETRY_AFTER_MS,
  });
}
