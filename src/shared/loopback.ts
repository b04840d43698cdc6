/**
 * Which addresses are this machine's alone. What may be left open there (no key, no token) and what is guarded there
 * (the Host header) must be judged by the same rule, or an address falls between the two.
 */
import { BlockList, isIP } from 'node:net';

/** IPv4 addresses written as IPv6 ones (`::ffff:127.0.0.1`) are matched by the rule for IPv4. */
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address or name to listen on is reached from this machine alone. Names are not looked up. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
