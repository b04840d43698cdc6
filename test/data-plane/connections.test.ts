/** What one connection may take, and what happens when there are too many of them. */
import { once } from 'node:events';
import type http from 'node:http';
import type net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { MOST_OPEN } from '../../src/shared/http/client-connection.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { chatRequest, connectTo, plainAnswer, planeFixture, rawRequest } from './plane-fixture.ts';

/** The connections that a server has accepted. */
function accepted(server: net.Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}

const health = 'GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n';

describe('a connection that sends many requests at once', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  it('has a bounded number of them in flight, and gets all answers, in order', async () => {
    let most = 0;
    let open = 0;
    const openai = await provider((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end(plainAnswer);
      }, 2);
    });
    const gateway = await start({ openai });
    const socket = connectTo(gateway.url);
    const count = 500;
    const ids = Array.from({ length: count }, (_, index) => `r${index}`);
    socket.write(ids.map((id) => rawRequest(chatRequest(), `x-request-id: ${id}`)).join(''));
    socket.write(rawRequest(chatRequest(), 'connection: close'));
    const answers = await text(socket);
    expect(answers.match(/HTTP\/1\.1 200/g)).to.have.length(count + 1);
    expect(Array.from(answers.matchAll(/x-request-id: (r\d+)/g), ([, id]) => id)).to.deep.equal(ids);
    expect(most).to.be.within(2, MOST_OPEN);
  });

  it('leaves places for others, and none is lost when it closes', async () => {
    const held: http.ServerResponse[] = [];
    const openai = await provider((_request, response) => {
      if (held.length < MOST_OPEN) held.push(response);
      else response.end(plainAnswer);
    });
    const gateway = await start({ openai, server: { maxInFlight: MOST_OPEN + 1 } });
    const socket = connectTo(gateway.url).on('error', () => undefined);
    socket.write(rawRequest(chatRequest()).repeat(60_000));
    await eventually('all its places are taken', () => held.length === MOST_OPEN);
    expect((await gateway.ask()).status).to.equal(200);
    expect(socket.writableLength, 'is read no further').to.be.greaterThan(0);
    socket.destroy();
    for (const response of held) response.end(plainAnswer);
    await eventually('all places are free', () => gateway.plane.inFlight() === 0);
  });
});

describe('a request that waits to be asked for its body, after others on its connection', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const asking = (body: string, ...more: string[]) => rawRequest(body, 'expect: 100-continue', ...more);
  const withoutHeaders = (answers: string) => answers.replace(/\r\n(?:[\w-]+: .*\r\n)*\r\n/g, '|');

  it('is asked when they are answered, and never between the head and the body of an answer', async () => {
    const large = plainAnswer.replace('"hi"', `"${'x'.repeat(100_000)}"`);
    const openai = await provider((_request, response) => setTimeout(() => response.end(large), 20));
    const gateway = await start({ openai });
    const socket = connectTo(gateway.url);
    socket.write(
      rawRequest(chatRequest()) + asking(chatRequest()) + health + asking(chatRequest(), 'connection: close'),
    );
    const parts = withoutHeaders(await text(socket));
    const answer = `HTTP/1.1 200 OK|${large}`;
    const asked = `HTTP/1.1 100 Continue|${answer}`;
    expect(parts).to.equal(`${answer}${asked}HTTP/1.1 200 OK|{"status":"ok"}${asked}`);
    expect(gateway.count({ type: 'request-ended', status: 'success' })).to.equal(3);
  });

  it('is refused in its turn if its body is no valid HTTP, and counted once', async () => {
    const openai = await provider((_request, response) => setTimeout(() => response.end(plainAnswer), 20));
    const gateway = await start({ openai });
    const socket = connectTo(gateway.url);
    const broken = asking('', 'transfer-encoding: chunked').replace(/content-length: \d+\r\n\r\n/, '\r\nxyz\r\n');
    socket.write(rawRequest(chatRequest()) + broken);
    const parts = withoutHeaders(await text(socket));
    expect(parts).to.match(/^HTTP\/1\.1 200 OK\|.*HTTP\/1\.1 400 Bad Request\|.*malformed_request/);
    expect(gateway.count({ type: 'request-ended', status: 'error', code: 'malformed_request' } as object)).to.equal(1);
    expect(gateway.plane.inFlight()).to.equal(0);
  });

  it('ends its connection if it is refused without being asked, and nothing after it is done', async () => {
    const gateway = await start({ openai: 1, server: { maxBodyBytes: 100 } });
    const socket = connectTo(gateway.url);
    socket.write(asking(chatRequest({ text: 'x'.repeat(100) })) + rawRequest(chatRequest()) + asking(chatRequest()));
    expect(withoutHeaders(await text(socket))).to.match(/^HTTP\/1\.1 413 Payload Too Large\|\{[^|]*$/);
    expect(gateway.count({ type: 'request-ended' })).to.equal(1);
  });
});

describe('too many connections', () => {
  const { provider, start, close } = planeFixture();
  const sockets: net.Socket[] = [];
  const open = async (url: string, hello = '') => {
    const socket = connectTo(url);
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    if (hello !== '') {
      socket.write(hello);
      await once(socket, 'data');
    }
    return socket;
  };
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await close();
  });

  it('make the one close that has been idle for the longest time, those without a success first', async () => {
    const openai = await provider((_request, response) => response.end(plainAnswer));
    const clock = new ManualClock();
    const gateway = await start({ openai, server: { maxConnections: 4 } }, { clock });
    const proven = await open(gateway.url, rawRequest(chatRequest()));
    const strangers = [await open(gateway.url, health), await open(gateway.url), await open(gateway.url, health)];
    const [oldest] = strangers;
    // The one that says nothing is connected as soon as the kernel has it.
    await eventually('all are accepted', async () => (await accepted(gateway.plane.server)) === 4);
    clock.advance(300);
    const newest = await open(gateway.url, health);
    if (oldest !== undefined && !oldest.closed) await once(oldest.resume(), 'close');
    expect(gateway.count({ type: 'connection-dropped', reason: 'idle' })).to.equal(1);
    for (const socket of [proven, newest]) {
      socket.write(health);
      expect(String(await once(socket, 'data'))).to.match(/^HTTP\/1\.1 200/);
    }
  });

  it('are refused while none is idle', async () => {
    const openai = await provider(() => undefined);
    const gateway = await start({ openai, server: { maxConnections: 2 } });
    for (const _ of ['first', 'second']) (await open(gateway.url)).write(rawRequest(chatRequest()));
    await eventually('both are busy', () => gateway.plane.inFlight() === 2);
    const third = await open(gateway.url);
    if (!third.closed) await once(third.resume(), 'close');
    await eventually('it is counted', () => gateway.count({ type: 'connection-dropped', reason: 'server' }) === 1);
    expect(gateway.plane.inFlight()).to.equal(2);
  });

  it('of one address are refused before those of others', async () => {
    const openai = await provider(() => undefined);
    const server = { maxConnections: 8, maxConnectionsPerAddress: 2 };
    const gateway = await start({ openai, server });
    for (const _ of ['first', 'second']) (await open(gateway.url)).write(rawRequest(chatRequest()));
    await eventually('both are busy', () => gateway.plane.inFlight() === 2);
    const third = await open(gateway.url);
    if (!third.closed) await once(third.resume(), 'close');
    await eventually('it is counted', () => gateway.count({ type: 'connection-dropped', reason: 'address' }) === 1);
  });
});
