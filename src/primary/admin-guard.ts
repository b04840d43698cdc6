/**
 * Who may talk to the admin server. Three gates: the Host must not be a name that somebody else can point at this
 * machine (DNS rebinding), the Origin must be our own, and with a token set the caller must know it.
 *
 * Secrets are compared as hashes, in constant time; nothing here is logged or echoed.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** What a request shows; all as it came. */
export interface Credentials {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly authorization: string | undefined;
}

/** On loopback, the Host must be `localhost` or an address, with or without a port. */
export function isSafeHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
}

/** Whether an address or name to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
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

/** Compares in a time that tells nothing of where the two differ, nor of their lengths. */
export function sameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(sha256(given), sha256(secret));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
