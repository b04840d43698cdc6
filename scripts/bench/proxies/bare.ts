/**
 * The yardstick: the fastest proxy that can be written with node:http in front and `undici.Pool#stream` behind. It is
 * one process and parses, counts and logs nothing. A change that slows it down falsifies every comparison.
 *
 * It is fast because it sends a request body in one piece (a stream body of undici costs a fifth of a small request),
 * passes the answer's headers on as the list that it received, and creates no closures per answer.
 *
 *   node scripts/bench/proxies/bare.ts UPSTREAM_PORT     prints its own port on the first line
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dispatcher, Pool } from 'undici';

type Answering = Dispatcher.StreamFactoryData<http.ServerResponse>;
type Answered = Dispatcher.StreamData<http.ServerResponse>;

const pool = new Pool(`http://127.0.0.1:${Number(process.argv[2])}`, { headersTimeout: 0, bodyTimeout: 0 });

function answer({ statusCode, headers, opaque }: Answering): http.ServerResponse {
  return opaque.writeHead(statusCode, headers);
}

function answered(error: Error | null, { opaque }: Answered): void {
  if (error !== null) opaque.destroy();
}

const server = http.createServer(
  { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 },
  (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const [first] = chunks;
      pool.stream(
        {
          method: 'POST',
          path: incoming.url ?? '/',
          body: first === undefined || chunks.length > 1 ? Buffer.concat(chunks) : first,
          headers: { 'content-type': incoming.headers['content-type'] ?? 'application/json' },
          responseHeaders: 'raw',
          opaque: outgoing,
        },
        answer,
        answered,
      );
    });
  },
);

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
