/** Bytes to the admin port of a real gateway: no failure of the primary, no connection that hangs, nothing that ends it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type FuzzTarget, type OpenTarget, shown } from './fuzz-target.ts';
import { FuzzedGateway } from './fuzzed-gateway.ts';
import { chunksOf, mutated, sizes } from './mutations.ts';
import { answersIn, exchange } from './raw-client.ts';

const AT_ONCE = 40;

/** All but the restart, which does what it says. */
const lines = fc.oneof(
  fc.constantFrom(
    ...['GET /', 'GET /metrics', 'GET /livez', 'GET /readyz', 'GET /api/status', 'GET /api/events', 'HEAD /metrics'],
    ...[
      'POST /api/circuits/openai/reset',
      'POST /api/circuits/none/reset',
      'POST /api/circuits/%/reset',
      'GET /api/restart',
    ],
    ...['POST /api/circuits/__proto__/reset', 'GET /metrics?x[]=1&x=2', 'OPTIONS *', 'TRACE /', 'GET http://x/metrics'],
    ...[
      'DELETE /api/status',
      'GET /%2e%2e/metrics',
      'GET //',
      'GET /api/circuits',
      'PUT /_mock/fault',
      'QUERY /metrics',
    ],
  ),
  fc
    .tuple(fc.constantFrom('GET', 'POST'), fc.webPath())
    .map(([method, path]) => `${method} ${path === '' ? '/' : path}`),
);

const headers = fc.constantFrom(
  ...[
    'Host: evil.example',
    'Origin: http://evil.example',
    'Origin: null',
    'Authorization: Basic !!',
    'Authorization: Bearer',
  ],
  ...[
    'Content-Length: 3',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip',
    'Expect: 100-continue',
    'Expect: x',
  ],
  ...[
    'x-headgate-relay: x',
    'Accept-Encoding: br',
    'Range: bytes=0-1',
    'If-None-Match: *',
    'Upgrade: websocket\r\nConnection: upgrade',
  ],
  ...[
    `X: ${'y'.repeat(9_000)}`,
    'X-Forwarded-For: 1',
    'Content-Type: application/json',
    'Host: [::1',
    'Last-Event-ID: 1',
  ],
);

const request = fc
  .tuple(lines, fc.array(headers, { maxLength: 2 }))
  .map(([line, more]) => Buffer.from([`${line} HTTP/1.1`, 'Host: localhost', ...more, '', ''].join('\r\n')));

const words = ['\r\n', '\n', '\r', ' ', ':', '%', '\u0000', '/', '?', '%00', 'Host: a\r\n', '3\r\nabc\r\n0\r\n\r\n'];
const last = Buffer.from('GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');

const connections = fc.record({
  bytes: fc
    .array(mutated(request, words), { minLength: 1, maxLength: 3 })
    .map((list) => Buffer.concat([...list, last])),
  sizes,
});

export const admin: FuzzTarget = {
  name: 'admin',
  about: 'bytes to the admin port of a gateway',
  inputs: 120,
  async open(built) {
    const fuzzed = await FuzzedGateway.start(built);
    const target: OpenTarget = {
      async round(seed, inputs) {
        const all = fc.sample(connections, { seed, numRuns: inputs });
        for (let from = 0; from < all.length; from += AT_ONCE) {
          const some = all.slice(from, from + AT_ONCE);
          await Promise.all(some.map(({ bytes, sizes: cut }) => check(fuzzed.gateway.adminPort, bytes, cut)));
        }
        await fuzzed.judge();
      },
      close: () => fuzzed.close(),
    };
    return target;
  },
};

async function check(port: number, bytes: Buffer, chunkSizes: readonly number[]): Promise<void> {
  const { received, end } = await exchange({ port, chunks: chunksOf(bytes, chunkSizes) });
  const input = `${shown(bytes)} got ${shown(received)}`;
  const isWatched = received.includes('text/event-stream');
  // Requests that wait behind the live view keep the socket from being read, and so from seeing that we close ours.
  assert.ok(end !== 'hangs' || isWatched, `the connection ends: ${input}`);
  for (const { status, headers: given, isWhole } of answersIn(received, input)) {
    // The live view has no end of its own.
    const isEndless = given['content-type']?.startsWith('text/event-stream') === true;
    assert.ok(isWhole || isEndless || end === 'reset', `each answer is whole: ${input}`);
    assert.ok(status < 500 || status === 501, `no answer is a failure of the primary: ${input}`);
  }
}
