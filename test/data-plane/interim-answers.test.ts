/** Interim answers that nobody asked for, between a real provider's socket and undici. */
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { listen, plainAnswer, planeFixture } from './plane-fixture.ts';

const FINAL = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${plainAnswer.length}\r\n\r\n${plainAnswer}`;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

describe('an interim answer', () => {
  const { start, close } = planeFixture();
  const servers: net.Server[] = [];

  afterEach(async () => {
    await close();
    for (const server of servers.splice(0)) server.close();
  });

  /** A provider over raw sockets; `answer` is called for each request with its number, from 1. */
  async function raw(answer: (socket: net.Socket, request: number) => void): Promise<number> {
    let requests = 0;
    const server = net.createServer((socket) => {
      socket.setNoDelay(true).on('error', () => undefined);
      socket.on('data', (data) => {
        if (!data.toString('latin1').includes('POST ')) return;
        requests += 1;
        answer(socket, requests);
      });
    });
    servers.push(server);
    return listen(server);
  }

  for (const interim of [
    CONTINUE,
    'HTTP/1.1 102 Processing\r\n\r\n',
    `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${CONTINUE}`,
  ]) {
    it(`is skipped, on a connection that serves on: ${JSON.stringify(interim)}`, async () => {
      const connections = new Set<net.Socket>();
      const openai = await raw((socket) => {
        connections.add(socket);
        socket.write(interim);
        setImmediate(() => socket.write(FINAL));
      });
      const { ask, count } = await start({ openai });
      for (let request = 0; request < 3; request += 1) expect(await (await ask()).text()).to.equal(plainAnswer);
      expect([count({ type: 'attempt-ended' }), connections.size]).to.deep.equal([3, 1]);
    });
  }

  it('is skipped when each of its bytes comes alone, and the final answer with them', async () => {
    const openai = await raw((socket) => {
      const bytes = Buffer.from(CONTINUE + FINAL);
      const next = (at: number) => {
        if (at < bytes.length) socket.write(bytes.subarray(at, at + 1), () => setImmediate(() => next(at + 1)));
      };
      next(0);
    });
    const { ask } = await start({ openai });
    expect(await (await ask()).text()).to.equal(plainAnswer);
  });

  it('proves that the request has arrived: it is not sent again for free when the connection dies', async () => {
    const requests: number[] = [];
    const openai = await raw((socket, request) => {
      requests.push(request);
      if (request === 2) socket.write(CONTINUE, () => setImmediate(() => socket.resetAndDestroy()));
      else socket.write(FINAL);
    });
    const { ask, count } = await start({ openai, retry: { attempts: 1 } });
    expect((await ask()).status).to.equal(200);
    expect((await ask()).status).to.equal(502);
    expect(requests).to.deep.equal([1, 2]);
    expect(count({ type: 'attempt-ended', outcome: 'connect_error' })).to.equal(1);
  });
});
