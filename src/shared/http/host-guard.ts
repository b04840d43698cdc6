/**
 * Which Host and Origin a server on loopback may accept. A page of any site can point its own name at this machine (DNS
 * rebinding) and then read answers as its own; the Host that the browser sends tells. Both servers use the same rule.
 *
 * None of these headers is logged or echoed.
 */
import { isIP } from 'node:net';

/** Whether the Host is `localhost` or an IP address, with or without a port. */
export function isSafeHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isIP(name) !== 0;
}

/**
 * Whether the Host is one name without a dot, such as that of a container. Only the operator of a top-level domain
 * (RFC 7085 lists a few) or of the local network can give such a name an address; a page's author cannot.
 */
export function isDotlessHost(host: string): boolean {
  return /^[\w-]+(?::\d*)?$/.test(host);
}

/** Whether the Origin is missing or the server's own. Browsers send it for pages of other origins, programs do not. */
export function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}
