/**
 * Who may use the admin server: the Host must be one that no page of another site can have, commands come from programs or
 * from the status page, and the caller must send the token if one is configured, and show a certificate if authorities of
 * clients are.
 *
 * None of these headers is logged or echoed.
 */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { AdminConfig } from '../../shared/config.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import { isOwnOrigin, isSafeHost } from '../../shared/http/host-guard.ts';
import { sameSecret } from '../../shared/secrets/secret-compare.ts';

/** Whether a request of that path only asks whether this process works, as load balancers and Kubernetes do. */
export function isProbe(path: string): boolean {
  return path === '/livez' || path === '/readyz';
}

/**
 * Whether the Host is one that the server may have. On loopback it must be a safe one, or that of a page in `origins`.
 * Health probes may come without: they read only whether this process works, and many send HTTP/1.0. A browser, which a
 * foreign name could mislead, always sends one.
 */
export function hasOwnHost(path: string, host: string | undefined, { host: bound, origins }: Bound): boolean {
  if (!isLoopback(bound)) return true;
  if (host === undefined || host === '') return isProbe(path);
  return isSafeHost(host) || origins.some((origin) => origin.endsWith(`://${host.toLowerCase()}`));
}

type Bound = Pick<AdminConfig, 'host' | 'origins'>;

/**
 * Whether the request may change something, as far as browsers go: it comes from a program, or from a page of this server.
 * A page of another origin can send a GET, but not read its answer, and a GET changes nothing. Behind a proxy the Host may
 * not be that of the page; then the browser's own word counts, `Sec-Fetch-Site`, which no page can set. Browsers send it
 * over TLS and on loopback.
 */
export function isFromOwnPage(
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  origins: readonly string[],
): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const { origin, host, 'sec-fetch-site': site } = headers;
  return isOwnOrigin(origin, host) || site === 'same-origin' || origins.includes(origin ?? '');
}

/** Whether the caller sent `token`: as a bearer token, or as the basic password, the only prompt that browsers show. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return sameSecret(value, token);
  if (scheme.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return sameSecret(pair.slice(pair.indexOf(':') + 1), token);
}

/**
 * Whether the caller has shown a certificate of a known authority, or the one of this port itself: the commands on this
 * host show that, and whoever has its key is this gateway.
 *
 * @param own the certificate of this port in PEM form, perhaps with those above it
 */
export function isKnownByCertificate(socket: Socket, own: string | null): boolean {
  if (!(socket instanceof TLSSocket)) return false;
  if (socket.authorized) return true;
  const shown = socket.getPeerX509Certificate();
  return own !== null && shown !== undefined && shown.fingerprint256 === new X509Certificate(own).fingerprint256;
}
