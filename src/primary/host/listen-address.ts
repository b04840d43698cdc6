/** IP addresses as listeners see them. Pure. */
import net from 'node:net';

/** Whether a listener on one address takes connections that are meant for the other. */
export function takesSameConnections(one: string, other: string): boolean {
  if (one === '::' || other === '::') return true;
  const anyOf4 = one === '0.0.0.0' || other === '0.0.0.0';
  return anyOf4 && net.isIPv4(one) && net.isIPv4(other);
}

/**
 * Whether a listener on `other` gets connections that one on `own` would get without it: at the same address, and at
 * one that is more specific. A less specific one gets none, nor does one of IPv6 any of a listener of IPv4.
 */
export function takesFrom(own: string, other: string): boolean {
  return own === other || own === '::' || (own === '0.0.0.0' && net.isIPv4(other));
}

/** The one way to write an address, of many for IPv6; `::ffff:127.0.0.1` is the same listener as `127.0.0.1`. */
export function plainAddress(host: string): string {
  if (!net.isIPv6(host)) return host;
  return new net.SocketAddress({ address: host, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '');
}
