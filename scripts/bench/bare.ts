/**
 * The yardstick: the fastest proxy that can be written with node:http in front and `undici.Pool#stream` behind. One
 * process, nothing parsed, nothing counted, nothing logged; whoever wants to compare must not slow it down.
 *
 *   node scripts/bench/bare.ts UPSTREAM_PORT     prints its own port on the first line
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';

const pool = new Pool(`http://127.0.0.1:${Number(process.argv[2])}`, { headersTimeout: 0, bodyTimeout: 0 });

const server = http.createServer((incoming, outgoing) => {
  const { 'content-type': type, 'content-length': length } = incoming.headers;
  pool.stream(
    {
      method: 'POST',
      path: incoming.url ?? '/',
      body: incoming,
      headers: {
        'content-type': type ?? 'application/json',
        ...(length === undefined ? {} : { 'content-length': length }),
      },
      opaque: outgoing,
    },
    ({ statusCode, headers }) => {
      outgoing.writeHead(statusCode, headers);
      return outgoing;
    },
    (error) => {
      if (error !== null) outgoing.destroy();
    },
  );
});

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
