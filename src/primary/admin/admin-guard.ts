/**
 * Who may use the admin server. Three checks: the Host must not be a name that somebody else can point at this machine
 * (DNS rebinding), the Origin must be the server's own, and the caller must send the token if one is configured.
 *
 * None of these headers is logged or echoed.
 */
import { isIP } from 'node:net';
import { sameSecret } from '../../shared/secrets/secret-compare.ts';

/** Whether the Host is `localhost` or an IP address, with or without a port. Required on loopback. */
export function isSafeHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
}

/**
 * Whether a request of that path needs a safe Host. Health probes may come without one: they read only whether this
 * process works, and many send HTTP/1.0. A browser, which a foreign name could mislead, always sends one.
 */
export function needsHost(path: string, host: string | undefined): boolean {
  const isProbe = path === '/livez' || path === '/readyz';
  return !(isProbe && (host === undefined || host === ''));
}

/** Whether the Origin is missing or the server's own. Browsers send it for pages of other origins, programs do not. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** Whether the caller sent `token`: as a bearer token, or as the basic password, the only prompt that browsers show. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return sameSecret(value, token);
  if (scheme.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return sameSecret(pair.slice(pair.indexOf(':') + 1), token);
}
