/** Addresses as they stand in a URL. Pure. */

/** `127.0.0.1:8080`, `[::1]:8080`. @param {{ readonly host: string, readonly port: number }} listener */
export function addressOf({ host, port }) {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}
