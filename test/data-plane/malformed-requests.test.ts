/** Requests that are no valid HTTP, or whose head two readers could read in two ways: answered, counted, closed. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { chatRequest, connectTo, plainAnswer, planeFixture, rawRequest } from './plane-fixture.ts';

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;
const health = head('GET /health HTTP/1.1', 'Host: localhost');
const smuggled = head('GET /smuggled HTTP/1.1', 'Host: localhost');
const inChunks = (length: string, ...headers: string[]) =>
  `${head('POST /v1/chat/completions HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...headers)}${length}\r\n`;

/** What comes back until the gateway closes the connection. */
async function answerTo(url: string, bytes: string): Promise<string> {
  const socket = connectTo(url);
  socket.write(bytes, 'latin1');
  try {
    return await text(socket);
  } finally {
    socket.destroy();
  }
}

function statusesIn(answers: string): number[] {
  return [...answers.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
}

const faults: readonly (readonly [name: string, status: number, code: string, bytes: string])[] = [
  ['two Host headers', 400, 'malformed_request', head('GET /health HTTP/1.1', 'Host: localhost', 'hOST: localhost')],
  ['no Host header', 400, 'malformed_request', head('GET /health HTTP/1.1', 'Accept: */*')],
  [
    'a Transfer-Encoding in HTTP/1.0',
    400,
    'malformed_request',
    `${head('POST /v1/chat/completions HTTP/1.0', 'Connection: keep-alive', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  ],
  [
    'a coding before chunked',
    501,
    'unsupported_transfer_coding',
    `${inChunks('0', 'Transfer-Encoding: gzip, chunked')}\r\n`,
  ],
  [
    'a coding before chunked, in a header of its own',
    501,
    'unsupported_transfer_coding',
    `${inChunks('0', 'Transfer-Encoding: gzip', 'Transfer-Encoding: chunked')}\r\n`,
  ],
  [
    'an unknown expectation',
    417,
    'expectation_failed',
    head('GET /health HTTP/1.1', 'Host: localhost', 'Expect: more'),
  ],
  ['a line that is no request', 400, 'malformed_request', head('HELLO')],
  ['headers beyond 16 KiB', 431, 'headers_too_large', head('GET / HTTP/1.1', `X: ${'x'.repeat(17_000)}`)],
  ['a chunk without a length', 400, 'malformed_request', inChunks('zz', 'Transfer-Encoding: chunked')],
  [
    'chunk extensions without end',
    413,
    'body_too_large',
    inChunks(`1;${'x'.repeat(20_000)}`, 'Transfer-Encoding: chunked'),
  ],
];

describe('a malformed request', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  for (const [name, status, code, bytes] of faults) {
    it(`with ${name} gets a ${status} in the envelope and is counted once, and nothing after it is served`, async () => {
      const gateway = await start({ openai: 1 });
      const closes =
        code === 'expectation_failed' ? head('GET / HTTP/1.1', 'Host: localhost', 'Connection: close') : '';
      const answers = await answerTo(gateway.url, bytes + (closes === '' ? smuggled : closes));
      expect(statusesIn(answers)).to.deep.equal(closes === '' ? [status] : [status, 404]);
      expect(answers).to.match(/content-type: application\/json/i);
      expect(answers).to.include(`"code":"${code}"`).and.to.include('"owner":"client"');
      expect(gateway.count({ type: 'request-ended', status: 'error', code } as object)).to.equal(1);
      expect(gateway.logged.filter((line) => line.includes(code))).to.have.length(1);
    });
  }

  it('is answered after the requests before it', async () => {
    const openai = await provider((_request, response) => setTimeout(() => response.end(plainAnswer), 50));
    const gateway = await start({ openai });
    const answers = await answerTo(gateway.url, `${rawRequest(chatRequest())}${health}nonsense\r\n\r\n`);
    expect(statusesIn(answers)).to.deep.equal([200, 200, 400]);
  });

  it('is answered behind a request that is still open, and counted', async () => {
    const openai = await provider((_request, response) => setTimeout(() => response.end(plainAnswer), 50));
    const gateway = await start({ openai });
    const answers = await answerTo(gateway.url, `${rawRequest(chatRequest())}nonsense\r\n\r\n`);
    expect(statusesIn(answers)).to.deep.equal([200, 400]);
    expect(gateway.count({ type: 'request-ended', status: 'error', code: 'malformed_request' } as object)).to.equal(1);
  });

  it('whose head was refused is not answered a second time for its body', async () => {
    const gateway = await start({ openai: 1, server: { keys: ['K1'] } });
    const socket = connectTo(gateway.url);
    socket.write(inChunks('3', 'Transfer-Encoding: chunked'));
    await once(socket, 'readable');
    socket.write('no chunk\r\n\r\n');
    expect(statusesIn(await text(socket))).to.deep.equal([401]);
    expect(gateway.count({ type: 'request-ended' })).to.equal(1);
  });

  it('that ends in the middle is that of a client that has left: no answer, no count', async () => {
    const gateway = await start({ openai: 1 });
    for (const part of ['GET /hea', rawRequest(chatRequest()).slice(0, -5)]) {
      const socket = connectTo(gateway.url);
      socket.end(part);
      expect(await text(socket)).to.equal('');
    }
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
  });
});

describe('a request that only looks odd', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  it('asks for an upgrade, and is served without one; the connection is closed, as what follows may be lost', async () => {
    const gateway = await start({ openai: 1 });
    const upgrade = head('GET /health HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c');
    const answers = await answerTo(gateway.url, upgrade + health);
    expect(statusesIn(answers)).to.deep.equal([200]);
    expect(answers).to.match(/connection: close/i);
  });

  it('asks for a path in another case or of another scheme, and gets a 404', async () => {
    const gateway = await start({ openai: 1 });
    const body = chatRequest();
    const post = (target: string) => rawRequest(body, 'connection: close').replace('/v1/chat/completions', target);
    for (const target of ['/V1/CHAT/COMPLETIONS', '/v1/Chat/Completions', 'ftp://localhost/v1/chat/completions', '*']) {
      expect(statusesIn(await answerTo(gateway.url, post(target))), target).to.deep.equal([404]);
    }
    const get = (target: string) => head(`GET ${target} HTTP/1.1`, 'Host: localhost', 'Connection: close');
    for (const target of ['/V1/models', '/HEALTH', 'ftp://localhost/health']) {
      expect(statusesIn(await answerTo(gateway.url, get(target))), target).to.deep.equal([404]);
    }
    expect(statusesIn(await answerTo(gateway.url, get('http://localhost/health')))).to.deep.equal([200]);
  });

  it('asks for a path that is no valid URL: 400, and 401 before that where there are keys', async () => {
    const path = '/v1/models/%ff';
    expect((await fetch((await start({ openai: 1 })).url + path)).status).to.equal(400);
    const guarded = await start({ openai: 1, server: { keys: ['K1'] } });
    for (const each of [path, '/nowhere', '/v1/chat/completions']) {
      expect((await fetch(guarded.url + each)).status, each).to.equal(401);
    }
    const headers = { authorization: 'Bearer K1' };
    expect((await fetch(guarded.url + path, { headers })).status).to.equal(400);
  });

  it("gets none of the answer's headers that its provider's Connection names", async () => {
    const openai = await provider((_request, response) => {
      response.setHeader('connection', 'keep-alive, X-RateLimit-Secret');
      response.setHeader('x-ratelimit-secret', '1');
      response.setHeader('x-ratelimit-limit', '2');
      response.end(plainAnswer);
    });
    const { headers } = await (await start({ openai })).ask();
    expect([headers.get('x-ratelimit-secret'), headers.get('x-ratelimit-limit')]).to.deep.equal([null, '2']);
  });
});
