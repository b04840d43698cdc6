/**
 * Bytes on their way through, as they stand on the sockets: characters of several bytes, the frames of chunks, bodies
 * that are large, left or refused on the way.
 */
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

const WIDE = 'é😀ÿ';
const json = { 'content-type': 'application/json' };
const completion = (content: string, stream = false) =>
  JSON.stringify({ model: 'gpt-4', stream, messages: [{ role: 'user', content }] });

const answerWith = (content: string) => ({ choices: [{ index: 0, message: { content }, finish_reason: 'stop' }] });

/** A provider that gives the same answer to everybody and keeps what it was asked. */
async function startProvider(answer: string) {
  const bodies: string[] = [];
  const server = http.createServer(async (request, response) => {
    bodies.push(await text(request));
    response.setHeader('content-type', 'application/json').end(answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { port: (server.address() as AddressInfo).port, bodies, close };
}

/** A body taken out of its chunks, each checked for its length in bytes; `whole` if the last one came. */
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

describe('bytes through the data plane', () => {
  let openai: RunningMock;
  let gateway: RunningPlane;

  const start = async (options: Partial<Parameters<typeof testConfig>[0]> = {}) => {
    gateway = await startPlane(testConfig({ openai: openai.port, ...options }));
  };

  /** Sends text on a connection of its own and reads until the other end closes it. */
  async function exchange(request: string): Promise<{ head: string; body: Buffer }> {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.write(request);
    await once(socket, 'end');
    socket.destroy();
    const all = Buffer.concat(pieces);
    const headEnd = all.indexOf('\r\n\r\n');
    return { head: all.toString('latin1', 0, headEnd), body: all.subarray(headEnd + 4) };
  }

  const post = (body: string, ...headers: readonly string[]) =>
    [
      'POST /v1/chat/completions HTTP/1.1',
      'host: gateway',
      'content-type: application/json',
      ...headers,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');

  const askedDirectly = async (body: string) => {
    const url = `http://127.0.0.1:${openai.port}/v1/chat/completions`;
    return Buffer.from(await (await fetch(url, { method: 'POST', headers: json, body })).arrayBuffer());
  };

  beforeEach(async () => {
    openai = await startMock({ dialect: 'openai', port: 0 });
  });

  afterEach(async () => {
    await gateway.close();
    await openai.close();
  });

  for (const [size, repeats] of [
    ['a small', 1],
    ['a large', 20_000],
  ] as const) {
    it(`keep their characters in ${size} answer`, async () => {
      const provider = await startProvider(JSON.stringify(answerWith(WIDE.repeat(repeats))));
      await start({ openai: provider.port });
      const response = await gateway.ask();
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(Number(response.headers.get('content-length'))).to.equal(bytes.length);
      expect(JSON.parse(bytes.toString())).to.deep.equal(answerWith(WIDE.repeat(repeats)));
      await provider.close();
    });
  }

  it('keep their characters in a stream, in chunks of their length in bytes, the last of them empty', async () => {
    await start();
    const body = completion(WIDE, true);
    const answer = await exchange(post(body, 'connection: close'));
    expect(answer.head).to.match(/\r\ntransfer-encoding: chunked/i);
    const { bytes, whole } = unchunked(answer.body);
    expect(whole).to.equal(true);
    expect(bytes.includes(WIDE)).to.equal(true);
    expect(bytes.equals(await askedDirectly(body))).to.equal(true);
  });

  it('end without the last chunk, after a whole error event, where the stream broke', async () => {
    await start();
    openai.control.setFault({ kind: 'cut', afterChunks: 2 });
    const { body } = await exchange(post(completion(WIDE, true)));
    const { bytes, whole } = unchunked(body);
    expect(whole).to.equal(false);
    expect(bytes.toString()).to.match(/data: \{"error":\{.*\}\}\n\n$/);
  });

  it('of a long string reach a dialect that writes the request anew', async () => {
    const provider = await startProvider('{}');
    openai.control.setFault({ kind: 'status', status: 503 });
    await start({ anthropic: provider.port });
    const content = WIDE.repeat(10_000);
    await gateway.ask({ messages: [{ role: 'user', content }] });
    expect(provider.bodies[0]).to.contain(JSON.stringify(content));
    await provider.close();
  });

  it('of a key that is no JSON are the provider’s to refuse, however long it is', async () => {
    await start();
    openai.control.setFault({ kind: 'status', status: 400, body: { error: { message: 'not JSON' } } });
    const body = completion('x').replace('{', `{"\\q${'a'.repeat(70_000)}":1,`);
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers: json, body });
    expect(response.status).to.equal(400);
  });

  it('that a client does not send to their end hold no place', async () => {
    await start();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(post(completion('x'.repeat(1000))).slice(0, -500));
    await eventually('the request is under way', () => gateway.plane.inFlight() === 1);
    socket.destroy();
    await eventually('its place is free', () => gateway.plane.inFlight() === 0);
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
  });

  it('that come after the deadline of all attempts are sent to nobody', async () => {
    await start({ timeouts: { totalMs: 20 } });
    const request = post(completion('x'), 'connection: close');
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.write(request.slice(0, -1));
    await eventually('the request is under way', () => gateway.plane.inFlight() === 1);
    await pause(40);
    socket.write(request.slice(-1));
    expect(await text(socket)).to.match(/^HTTP\/1\.1 503/);
    expect(openai.control.stats().requests).to.equal(0);
    socket.destroy();
  });

  it('that are too many are answered though the client reads nothing before it has sent them all', async () => {
    await start({ server: { maxBodyBytes: 100_000 } });
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.pause();
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n');
    socket.write('transfer-encoding: chunked\r\n\r\n');
    const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 10_000_000; sent += 0x10000) {
      if (!socket.write(piece)) await once(socket, 'drain');
    }
    socket.write(`0\r\n\r\n${post(completion('again'), 'connection: close')}`);
    const answers = await text(socket);
    socket.destroy();
    expect(answers.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('of a caller’s request id are struck from the log where they are a secret', async () => {
    await start({ server: { keys: ['sk-canary'] } });
    const headers = { ...json, authorization: 'Bearer sk-canary', 'x-request-id': 'sk-canary' };
    await gateway.ask({}, { headers });
    await eventually('the request is logged', () => gateway.logged.length === 1);
    expect(JSON.parse(gateway.logged[0] ?? '')).to.include({ id: '[redacted]', msg: 'request' });
  });
});
