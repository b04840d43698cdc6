/**
 * What a web page in a browser may do with the data port. Three rules:
 *
 * - On loopback without keys, everybody who can send a request is served. So the Host must be localhost, an address
 *   or a name without a dot, because a page can point its own name at this machine, and a foreign Origin is refused.
 * - Origins of `server.cors` may call the gateway and read its answers (CORS), with a key where there are keys.
 * - All other pages get no CORS headers, so that their browser shows them nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerConfig } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import { isDotlessHost, isOwnOrigin, isSafeHost } from '../../shared/http/host-guard.ts';

/** Answer headers that a page may read beside the usual ones. */
const EXPOSED =
  'x-request-id, x-headgate-provider, x-headgate-worker, x-headgate-attempts, x-headgate-upstream-request-id, x-headgate-dropped-params, server-timing, x-should-retry, retry-after';

/** How long a browser may keep the answer to a preflight, in seconds. */
const PREFLIGHT_SECONDS = '600';

/** Header names as a preflight lists them. */
const HEADER_NAMES = /^[\w\-, ]{1,2000}$/;

export class BrowserGuard {
  readonly #needsHost: boolean;
  readonly #origins: readonly string[];

  constructor({ host, keys, cors }: ServerConfig) {
    this.#needsHost = isLoopback(host) && keys.length === 0;
    this.#origins = cors;
  }

  /** Why a request is refused for its Host or Origin; null if it is not. */
  refusal({ headers }: IncomingMessage): GatewayError | null {
    const { host, origin } = headers;
    if (!this.#needsHost) return null;
    // Without one it is a request in HTTP/1.0; a browser always sends one.
    if (host !== undefined && !isSafeHost(host) && !isDotlessHost(host)) {
      return new GatewayError(
        'host_not_allowed',
        'Without keys, the Host header must be localhost, an IP address or a name without a dot.',
      );
    }
    if (isOwnOrigin(origin, host) || this.#allows(origin)) return null;
    return new GatewayError(
      'origin_not_allowed',
      'Without keys, pages of other origins are refused, except those that server.cors names.',
    );
  }

  /** Adds CORS headers for an allowed origin. True: the request is a preflight, and it is answered. */
  answersPreflight({ method, headers }: IncomingMessage, outgoing: ServerResponse): boolean {
    const { origin } = headers;
    if (origin === undefined || !this.#allows(origin)) return false;
    outgoing.setHeader('access-control-allow-origin', origin);
    outgoing.setHeader('vary', 'origin');
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
      outgoing.setHeader('access-control-expose-headers', EXPOSED);
      return false;
    }
    const asked = headers['access-control-request-headers'];
    outgoing.setHeader('access-control-allow-methods', 'GET, POST, DELETE');
    if (asked !== undefined && HEADER_NAMES.test(asked)) outgoing.setHeader('access-control-allow-headers', asked);
    outgoing.setHeader('access-control-max-age', PREFLIGHT_SECONDS);
    outgoing.writeHead(204);
    outgoing.end();
    return true;
  }

  #allows(origin: string | undefined): boolean {
    return origin !== undefined && this.#origins.includes(origin);
  }
}
