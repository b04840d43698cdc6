/** Bytes of HTTP/1.1 requests to the data port: several on a connection, framed in any way, damaged or not. */
import fc from 'fast-check';
import { mutated, sizes } from './mutations.ts';

/** What one connection sends, and how. */
export interface Connection {
  readonly bytes: Buffer;
  readonly sizes: readonly number[];
  /** How many answers must come; null where bytes are damaged, so that nobody can know. */
  readonly answers: number | null;
}

const chat = (more: object = {}) =>
  JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...more });

const bodies = fc.constantFrom(
  ...[chat(), chat({ stream: true }), chat({ stream: true, stream_options: { include_usage: true }, n: 1 })],
  ...[chat({ model: 'none' }), chat({ temperature: 9 }), chat({ messages: [] }), chat({ max_tokens: 5 })],
  ...['', '{', '[]', `{"a":"${'x'.repeat(3_000)}"}`, '\ufeff{}', chat({ text: 'é😀'.repeat(20) })],
);

const targets = fc.oneof(
  { weight: 6, arbitrary: fc.constant('/v1/chat/completions') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['/v1/models', '/v1/models/gpt-4', '/health', '/v1/embeddings', '/', '*', '/v1/chat/completions?x=%zz'],
      ...[
        'http://x/v1/chat/completions',
        'ftp://x/',
        '//v1/models',
        '/v1/models/%00',
        '/v1/%2e%2e/health',
        '/%',
        '/v1/',
      ],
    ),
  },
);

const methods = fc.oneof(
  { weight: 5, arbitrary: fc.constant('POST') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'QUERY', 'post'),
  },
);

const oddHeaders = fc.constantFrom(
  ...['Expect: 100-continue', 'Expect: magic', 'Connection: keep-alive', 'Upgrade: h2c\r\nConnection: upgrade'],
  ...['Content-Encoding: gzip', 'Content-Type: text/plain', 'Origin: http://evil.example', 'Transfer-Encoding: gzip'],
  ...['Host: evil.example', 'Host: localhost', 'X-Request-Id: mine', 'X-Request-Id: \u00e9', 'Authorization: Bearer x'],
  ...['Content-Length: 0', 'Content-Length: 7', 'Content-Length: -1', 'Content-Length: 99999999999999999999'],
  ...['Transfer-Encoding: chunked', 'Transfer-Encoding : chunked', ' folded', 'X: \u0000', 'X-Empty:', 'Trailer: X'],
  ...[`X-Long: ${'x'.repeat(2_000)}`, 'Accept-Encoding: gzip', 'TE: trailers', 'Forwarded: for=1', 'Connection: close'],
);

const versions = fc.oneof(
  { weight: 12, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'http/1.1', '') },
);

/** The body as it is framed; most of the time as HTTP asks for. */
const framings = fc.oneof(
  { weight: 4, arbitrary: fc.constant('length') },
  { weight: 3, arbitrary: fc.constantFrom('chunked', 'chunked', 'extension', 'trailer', 'both', 'none', 'bad size') },
);

interface Parts {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly framing: string;
  readonly pieces: number;
}

const pieces = fc.integer({ min: 1, max: 4 });

/** Whatever is odd about it, its end is where both sides think. */
const soundRequest = fc
  .record<Parts>({
    method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'HEAD', 'DELETE'),
    target: targets,
    version: fc.constant('HTTP/1.1'),
    headers: fc.constantFrom(
      [],
      ['X-Request-Id: mine'],
      ['Accept-Encoding: gzip', 'X-Empty:'],
      ['Content-Type: text/plain'],
    ),
    body: bodies,
    framing: fc.constantFrom('length', 'length', 'chunked', 'extension', 'trailer'),
    pieces,
  })
  .map(written);

const oddRequest = fc
  .record<Parts>({
    method: methods,
    target: targets,
    version: versions,
    headers: fc.array(oddHeaders, { maxLength: 2 }),
    body: bodies,
    framing: framings,
    pieces,
  })
  .map(written);

function written({ method, target, version, headers, body, framing, pieces: count }: Parts): Buffer {
  const framed = frame(Buffer.from(body), method === 'GET' || method === 'HEAD' ? 'none' : framing, count);
  const head = [`${method} ${target} ${version}`, 'Host: localhost', 'Content-Type: application/json'];
  return Buffer.concat([Buffer.from([...head, ...headers, ...framed.headers, '', ''].join('\r\n')), framed.bytes]);
}

function frame(body: Buffer, framing: string, pieces: number): { headers: string[]; bytes: Buffer } {
  const length = `Content-Length: ${body.length}`;
  const chunked = 'Transfer-Encoding: chunked';
  if (framing === 'none') return { headers: [], bytes: Buffer.alloc(0) };
  if (framing === 'length') return { headers: [length], bytes: body };
  const size = Math.ceil(body.length / pieces);
  const parts = Array.from({ length: pieces }, (_, index) => body.subarray(index * size, (index + 1) * size));
  const extension = framing === 'extension' ? ';a="b"' : '';
  const written = parts
    .filter((part) => part.length > 0)
    .flatMap((part) => [Buffer.from(`${part.length.toString(16)}${extension}\r\n`), part, Buffer.from('\r\n')]);
  const last =
    framing === 'trailer' ? '0\r\nX-Trailer: 1\r\n\r\n' : framing === 'bad size' ? 'xyz\r\n\r\n' : '0\r\n\r\n';
  return {
    headers: framing === 'both' ? [length, chunked] : [chunked],
    bytes: Buffer.concat([...written, Buffer.from(last)]),
  };
}

const words = [
  ...['\r\n', '\n', '\r', '\r\n\r\n', ' ', ':', '\t', '\u0000', '0\r\n\r\n', 'Host: a\r\n', 'HTTP/1.1', '1', 'f'],
  ...['Transfer-Encoding: chunked\r\n', 'Content-Length: 5\r\n', 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'],
];

/** Closes the connection after everything before it. */
const LAST = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

const anyRequest = fc.oneof(soundRequest, oddRequest, mutated(soundRequest, words), mutated(oddRequest, words));

/** One to four requests after each other, without waiting for answers. */
export const connections: fc.Arbitrary<Connection> = fc
  .oneof(
    fc.record({ list: fc.array(soundRequest, { minLength: 1, maxLength: 4 }), sizes, isSound: fc.constant(true) }),
    fc.record({ list: fc.array(anyRequest, { minLength: 1, maxLength: 4 }), sizes, isSound: fc.constant(false) }),
  )
  .map(({ list, sizes: cut, isSound }) => ({
    bytes: Buffer.concat([...list, Buffer.from(LAST)]),
    sizes: cut,
    answers: isSound ? list.length + 1 : null,
  }));
