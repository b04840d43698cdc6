/** Turns listen addresses into URLs that a client can call. Pure. */
import { isIPv6 } from 'node:net';
import { reachableHost } from '../shared/host/loopback.ts';

/** The base URL of a listener. A listener on all addresses is called on loopback. */
export function callableUrl(host: string, port: number): string {
  const address = reachableHost(host);
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
