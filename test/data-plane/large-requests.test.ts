/**
 * Requests of many megabytes whose bytes are changed on their way: they are sent piece by piece, and nobody can tell. A
 * model's name that is written with an escape is replaced, whatever it is at the provider.
 */
import type http from 'node:http';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { chatRequest, errorOf, jsonHeaders, listen, plainAnswer, planeFixture, sendRequest } from './plane-fixture.ts';

const image = `data:image/png;base64,${'iVBORw0KGgo'.repeat(300_000)}`;

/** Nine megabytes, of three images. */
function largeRequest(model = 'gpt-\\u0034'): string {
  const content = Array.from({ length: 3 }, () => ({ type: 'image_url', image_url: { url: image } }));
  return `{"model":"${model}", "messages":[${JSON.stringify({ role: 'user', content })}], "x_new": 1e400}`;
}

const server = { maxBodyBytes: 32 * 1024 * 1024 };

interface Got {
  readonly headers: http.IncomingHttpHeaders;
  readonly socket: net.Socket;
  readonly body: Buffer;
}

describe('a large request that is changed on its way', () => {
  const { provider, start, close } = planeFixture();
  const closers: (() => void)[] = [];

  afterEach(async () => {
    await close();
    for (const each of closers.splice(0)) each();
  });

  /** A provider that keeps what it got, and answers with that status. */
  async function recorder(status = 200) {
    const got: Got[] = [];
    const port = await provider(async (request, response) => {
      got.push({ headers: request.headers, socket: request.socket, body: await buffer(request) });
      response.writeHead(status, jsonHeaders).end(status === 200 ? plainAnswer : '{}');
    });
    return { port, got };
  }

  /** A provider that does with each connection what `on` does with it. */
  async function rawProvider(on: (socket: net.Socket) => void): Promise<number> {
    const raw = net.createServer((socket) => {
      socket.on('error', () => undefined);
      closers.push(() => socket.destroy());
      on(socket);
    });
    closers.push(() => raw.close());
    return listen(raw);
  }

  const post = (url: string, body = largeRequest()) =>
    fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });

  it('arrives as it was sent but for what was changed, its length declared, on a connection that is used again', async () => {
    const { port, got } = await recorder();
    const { url } = await start({ openai: port, server });
    expect((await post(url)).status).to.equal(200);
    // A short one, which is there before the connection has been idle for long.
    expect((await post(url, chatRequest())).status).to.equal(200);
    const expected = Buffer.from(largeRequest('gpt-4'));
    expect(got[0]?.body.equals(expected)).to.equal(true);
    expect(got[0]?.headers['content-length']).to.equal(String(expected.length));
    expect(got[0]?.headers).not.to.have.property('transfer-encoding');
    expect(got[0]?.socket).to.equal(got[1]?.socket);
  });

  it('is sent again to the next provider, in its dialect', async () => {
    const failing = await recorder(500);
    const { port, got } = await recorder();
    const { url } = await start({ openai: failing.port, anthropic: port, retry: { attempts: 2, budget: 1 }, server });
    await post(url);
    for (const { body } of failing.got) expect(body.equals(Buffer.from(largeRequest('gpt-4')))).to.equal(true);
    expect(failing.got.length).to.be.above(0);
    const { messages } = JSON.parse(got[0]?.body.toString() ?? '');
    const data = image.slice('data:image/png;base64,'.length);
    const source = { type: 'base64', media_type: 'image/png', data };
    const [turn] = messages;
    expect(turn.content.map((block: { source: object }) => block.source)).to.deep.equal([source, source, source]);
  });

  it('is answered by a provider that refuses it before it is there', async () => {
    const answer = '{"error":{"message":"too large"}}';
    const head = `HTTP/1.1 413 Too Large\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n`;
    const refusing = await rawProvider((socket) => {
      socket.once('data', () => {
        socket.pause();
        socket.write(`${head}${answer}`);
      });
    });
    const { url, plane } = await start({ openai: refusing, server });
    const response = await post(url);
    expect(response.status).to.equal(413);
    expect((await errorOf(response)).message).to.contain('too large');
    await eventually('nothing is in flight', () => plane.inFlight() === 0);
  });

  it('fails like any other where the connection ends in it', async () => {
    let connections = 0;
    const leaving = await rawProvider((socket) => {
      connections += 1;
      socket.once('data', () => socket.resetAndDestroy());
    });
    const { url } = await start({ openai: leaving, retry: { attempts: 2, budget: 1 }, server });
    expect((await post(url)).status).to.equal(502);
    expect(connections).to.be.above(1);
  });

  it('is no failure of the target where it is reset, as some servers refuse a long one; a small one is', async () => {
    const resetting = await rawProvider((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { url, ask, count } = await start({ openai: resetting, retry: { attempts: 1 }, server });
    expect((await post(url)).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'connect_error', verdict: 'neutral' })).to.equal(1);
    expect((await ask()).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'connect_error', verdict: 'failure' })).to.equal(1);
  });

  it('is not sent any further once its client has left', async () => {
    let leave = () => {};
    let received = 0;
    const ended = Promise.withResolvers<void>();
    const slow = await rawProvider((socket) => {
      socket.on('close', () => ended.resolve());
      socket.once('data', () => {
        socket.pause();
        leave();
        socket.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        setTimeout(() => socket.resume(), 100);
      });
    });
    const { url, plane } = await start({ openai: slow, server });
    const client = sendRequest(url, largeRequest());
    leave = () => client.destroy();
    await ended.promise;
    expect(received).to.be.below(largeRequest().length);
    await eventually('nothing is in flight', () => plane.inFlight() === 0);
  });
});
