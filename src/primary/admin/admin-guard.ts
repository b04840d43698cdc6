/**
 * Who may use the admin server, beside Host and Origin (`shared/http/host-guard.ts`): the caller must send the token if
 * one is configured, and show a certificate if authorities of clients are.
 *
 * None of these headers is logged or echoed.
 */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { sameSecret } from '../../shared/secrets/secret-compare.ts';

/** Whether a request of that path only asks whether this process works, as load balancers and Kubernetes do. */
export function isProbe(path: string): boolean {
  return path === '/livez' || path === '/readyz';
}

/**
 * Whether a request of that path needs a safe Host. Health probes may come without one: they read only whether this
 * process works, and many send HTTP/1.0. A browser, which a foreign name could mislead, always sends one.
 */
export function needsHost(path: string, host: string | undefined): boolean {
  return !(isProbe(path) && (host === undefined || host === ''));
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
