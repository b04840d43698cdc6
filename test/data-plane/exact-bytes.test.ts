/**
 * Bytes on their way through, as they are on the sockets: characters of several bytes, chunks, fields that the gateway
 * does not know.
 */
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { RunningMock } from '../../src/mock/server.ts';
import { chatRequest, connectTo, jsonHeaders, listen, planeFixture, rawRequest } from './plane-fixture.ts';

const WIDE = 'é😀ÿ';

const wideRequest = (fields: Record<string, unknown> = {}) =>
  chatRequest({ messages: [{ role: 'user', content: WIDE }], ...fields });

const answerWith = (content: string) => ({ choices: [{ index: 0, message: { content }, finish_reason: 'stop' }] });

/** A provider that gives the same answer to every request and keeps the bodies of all. */
async function startProvider(answer: string) {
  const bodies: string[] = [];
  const server = http.createServer(async (request, response) => {
    bodies.push(await text(request));
    response.setHeader('content-type', 'application/json').end(answer);
  });
  const port = await listen(server);
  const close = async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { port, bodies, close };
}

/** A body without its chunks, the length of each checked. `whole`: the last chunk came. */
function unchunked(body: Buffer): { readonly bytes: Buffer; readonly whole: boolean } {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const lineEnd = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + length;
    expect(body.toString('latin1', end, end + 2)).to.equal('\r\n');
    if (length === 0) return { bytes: Buffer.concat(pieces), whole: end + 2 === body.length };
    pieces.push(body.subarray(lineEnd + 2, end));
    at = end + 2;
  }
  return { bytes: Buffer.concat(pieces), whole: false };
}

describe('the data plane', () => {
  const { mock, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  /** Sends text on a new connection and reads until the gateway closes it. */
  async function exchange(url: string, request: string): Promise<{ head: string; body: Buffer }> {
    const socket = connectTo(url);
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.write(request);
    await once(socket, 'end');
    socket.destroy();
    const all = Buffer.concat(pieces);
    const headEnd = all.indexOf('\r\n\r\n');
    return { head: all.toString('latin1', 0, headEnd), body: all.subarray(headEnd + 4) };
  }

  /** The answer of the provider without the gateway. */
  const askedDirectly = async (body: string) => {
    const url = `http://127.0.0.1:${openai.port}/v1/chat/completions`;
    return Buffer.from(await (await fetch(url, { method: 'POST', headers: jsonHeaders, body })).arrayBuffer());
  };

  for (const [size, repeats] of [
    ['a small', 1],
    ['a large', 20_000],
  ] as const) {
    it(`keeps characters of several bytes in ${size} answer`, async () => {
      const provider = await startProvider(JSON.stringify(answerWith(WIDE.repeat(repeats))));
      const gateway = await start({ openai: provider.port });
      const response = await gateway.ask();
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(Number(response.headers.get('content-length'))).to.equal(bytes.length);
      expect(JSON.parse(bytes.toString())).to.deep.equal(answerWith(WIDE.repeat(repeats)));
      await provider.close();
    });
  }

  it('keeps characters of several bytes in a stream, and gives the length of chunks in bytes', async () => {
    const { url } = await start({ openai: openai.port });
    const body = wideRequest({ stream: true, stream_options: { include_usage: true } });
    const answer = await exchange(url, rawRequest(body, 'connection: close'));
    expect(answer.head).to.match(/\r\ntransfer-encoding: chunked/i);
    const { bytes, whole } = unchunked(answer.body);
    expect(whole).to.equal(true);
    expect(bytes.includes(WIDE)).to.equal(true);
    expect(bytes.equals(await askedDirectly(body))).to.equal(true);
  });

  it('leaves out the last chunk, after a whole error event, when the stream broke', async () => {
    const { url } = await start({ openai: openai.port });
    openai.control.setFault({ kind: 'cut', afterChunks: 2 });
    const { body } = await exchange(url, rawRequest(wideRequest({ stream: true })));
    const { bytes, whole } = unchunked(body);
    expect(whole).to.equal(false);
    expect(bytes.toString()).to.match(/data: \{"error":\{.*\}\}\n\n$/);
  });

  it('sends a stream without chunks to an HTTP/1.0 client, and closes the connection at its end', async () => {
    const gateway = await start({ openai: openai.port });
    const completion = chatRequest({ stream: true });
    const socket = connectTo(gateway.url);
    let received = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      received += piece;
    });
    const lines = ['POST /v1/chat/completions HTTP/1.0', 'content-type: application/json'];
    socket.write(`${lines.join('\r\n')}\r\ncontent-length: ${completion.length}\r\n\r\n${completion}`);
    await once(socket, 'end');
    const [head = '', body = ''] = received.split('\r\n\r\n');
    expect(head)
      .to.match(/^HTTP\/1\.1 200 OK/)
      .and.not.match(/transfer-encoding/i);
    expect(body)
      .to.match(/^data: \{/)
      .and.match(/data: \[DONE\]\n\n$/);
    socket.destroy();
  });

  it('passes unknown fields of a request on untouched', async () => {
    let received = Buffer.alloc(0);
    const recorder = await mock('openai', (_request, body) => {
      received = Buffer.from(body);
    });
    const gateway = await start({ openai: recorder.port });
    const body =
      '{"model":"gpt-4", "messages":[{"role":"user","content":"é 😀"}],  "x_new":{"a":[1e400,-0.0]},"seed":12345678901234567890}';
    const response = await gateway.ask({}, { body });
    expect(response.status).to.equal(200);
    expect(received.toString('utf8')).to.equal(body);
  });

  it('keeps a long string in a request that is rewritten for another dialect', async () => {
    const provider = await startProvider('{}');
    openai.control.setFault({ kind: 'status', status: 503 });
    const gateway = await start({ openai: openai.port, anthropic: provider.port });
    const content = WIDE.repeat(10_000);
    await gateway.ask({ messages: [{ role: 'user', content }] });
    expect(provider.bodies[0]).to.contain(JSON.stringify(content));
    await provider.close();
  });

  it('leaves it to the provider to refuse a long key that is not JSON', async () => {
    const gateway = await start({ openai: openai.port });
    openai.control.setFault({ kind: 'status', status: 400, body: { error: { message: 'not JSON' } } });
    const body = chatRequest().replace('{', `{"\\q${'a'.repeat(70_000)}":1,`);
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    expect(response.status).to.equal(400);
  });
});
