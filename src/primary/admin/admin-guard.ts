/**
 * Who may talk to the admin server. Three gates: the Host must not be a name that somebody else can point at this
 * machine (DNS rebinding), the Origin must be our own, and with a token set the caller must know it.
 *
 * Nothing here is logged or echoed.
 */
import { isIP } from 'node:net';
import { sameSecret } from '../../shared/secret-compare.ts';

/** On loopback, the Host must be `localhost` or an address, with or without a port. */
export function isSafeHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
}

/**
 * Whether a request of that path needs a safe Host. Health probes may come without one: they read nothing but whether
 * this process works, and many send HTTP/1.0. A browser, which a foreign name could mislead, always sends one.
 */
export function needsHost(path: string, host: string | undefined): boolean {
  const isProbe = path === '/livez' || path === '/readyz';
  return !(isProbe && (host === undefined || host === ''));
}

/** A page of another origin must not act here, whatever its browser sends along. Programs send no Origin. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/**
 * Whether the caller knows `token`, given as bearer or, since browsers ask for nothing else, as the password of basic
 * authentication.
 */
export function knowsToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return sameSecret(value, token);
  if (scheme.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return sameSecret(pair.slice(pair.indexOf(':') + 1), token);
}
