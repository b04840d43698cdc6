/**
 * Decides whether a request is admitted, from the worker's current load. Pure: numbers in, a decision out.
 */
import type { ServerConfig } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';

interface Load {
  /** Requests admitted and not yet ended, in this worker. */
  readonly inFlight: number;
  /** Bytes of request bodies held now, in this worker. */
  readonly bufferedBytes: number;
}

/** Retry-After for a client that is refused because of overload. */
const OVERLOAD_RETRY_AFTER_MS = 1000;

/**
 * Throws `overloaded` (503) over the load limits and `body_too_large` (413) if the declared size is over the limit.
 *
 * @param declaredBytes value of Content-Length; null without one
 */
export function checkLoad(server: ServerConfig, load: Load, declaredBytes: number | null): void {
  if (declaredBytes !== null) checkBodySize(server, declaredBytes);
  if (load.inFlight >= server.maxInFlight) {
    throw new GatewayError('overloaded', `This worker is already serving ${server.maxInFlight} requests, its limit.`, {
      retryAfterMs: OVERLOAD_RETRY_AFTER_MS,
    });
  }
  checkBuffered(server, load.bufferedBytes + (declaredBytes ?? 0));
}

/** Throws `body_too_large` (413) if a body is larger than the limit, for a declared or a received size. */
export function checkBodySize(server: ServerConfig, bytes: number): void {
  if (bytes <= server.maxBodyBytes) return;
  throw new GatewayError('body_too_large', `The request body is larger than ${server.maxBodyBytes} bytes.`);
}

/** Throws `overloaded` (503) if all bodies and answers together take more than the limit. */
export function checkBuffered(server: ServerConfig, bytes: number): void {
  if (bytes > server.maxBufferedBytes) throw noMemory();
}

/** The error for a body that finds no room within `server.max_buffered`. */
export function noMemory(): GatewayError {
  return new GatewayError('overloaded', 'The bodies and answers in this worker have reached their memory limit.', {
    retryAfterMs: OVERLOAD_RETRY_AFTER_MS,
  });
}
