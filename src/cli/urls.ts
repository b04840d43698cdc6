/** Turns listen addresses into URLs that a client can call. Pure. */
import { isIPv6 } from 'node:net';

/** The base URL of a listener. A listener on all addresses is called on loopback. */
export function callableUrl(host: string, port: number): string {
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
}
