/** Turns listen addresses into URLs that a client can call. Pure. */
import { addressText, reachableHost } from '../shared/host/loopback.ts';

/**
 * The base URL of a listener. A listener on all addresses is called on loopback.
 *
 * @param tls what it needs for TLS, if it has any
 */
export function callableUrl(host: string, port: number, tls?: object): string {
  const scheme = tls === undefined ? 'http' : 'https';
  return `${scheme}://${addressText(reachableHost(host), port)}`;
}
