/**
 * Decides which addresses are loopback. The same rule decides where a key or token may be missing and where the Host
 * header is checked; with two rules, an address could be left without both.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';

/** The IPv4 rule also matches IPv4 addresses in IPv6 form (`::ffff:127.0.0.1`). */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Where a listener on that address is reached from this machine: one on all addresses on loopback. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Whether a listen address can be reached from this machine only. Names other than `localhost` are not resolved. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

/** `127.0.0.1:8080`, or `[::1]:8080`: as URLs and people have it. */
export function addressText(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
