/**
 * Who may use the admin server, beside Host and Origin (`shared/http/host-guard.ts`): the caller must send the token if
 * one is configured.
 *
 * None of these headers is logged or echoed.
 */
import { sameSecret } from '../../shared/secrets/secret-compare.ts';

/**
 * Whether a request of that path needs a safe Host. Health probes may come without one: they read only whether this
 * process works, and many send HTTP/1.0. A browser, which a foreign name could mislead, always sends one.
 */
export function needsHost(path: string, host: string | undefined): boolean {
  const isProbe = path === '/livez' || path === '/readyz';
  return !(isProbe && (host === undefined || host === ''));
}

/** Whether the caller sent `token`: as a bearer token, or as the basic password, the only prompt that browsers show. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return sameSecret(value, token);
  if (scheme.toLowerCase() !== 'basic') return false;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return sameSecret(pair.slice(pair.indexOf(':') + 1), token);
}
