/** A drain: connections that are not accepted yet, new ones, open streams, and a provider that never accepts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import { chatRequest, connectTo, openStream, planeFixture, rawRequest, sendRequest } from './plane-fixture.ts';

const WAITING = 20;
const KEEP_ALIVE_MS = 300;
const question = rawRequest(chatRequest());

describe('a drain', () => {
  const { mock, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  it('answers the connections that are not accepted yet when it begins', async () => {
    const { url, plane } = await start({ openai: openai.port });
    const clients = Array.from({ length: WAITING }, () => {
      const client = connectTo(url);
      client.write(question);
      return client;
    });
    // The kernel has them after this; the server accepts none before the next turn of the event loop.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const drained = plane.drain(5_000);
    const answers = await Promise.all(clients.map((client) => text(client)));
    expect(answers.map((answer) => answer.slice(0, 15))).to.deep.equal(Array(WAITING).fill('HTTP/1.1 200 OK'));
    await drained;
  });

  it('serves the next request on a connection whose stream began before it, and announces the close there', async () => {
    const { url, plane } = await start({ openai: openai.port });
    openai.control.setShape({ chunks: 5, chunkMs: 50 });
    const client = connectTo(url);
    const received = collect(client);
    client.write(rawRequest(chatRequest({ stream: true })));
    await eventually('the stream has begun', () => received.text.includes('data: '));
    const drained = plane.drain(20_000);
    await eventually('the stream has ended', () => received.text.endsWith('0\r\n\r\n'));
    expect(received.text.toLowerCase()).to.not.contain('connection: close');
    client.write(question);
    await eventually('the client sees the end', () => received.ended);
    const answer = received.text.slice(received.text.indexOf('0\r\n\r\n') + 5);
    expect(answer)
      .to.match(/^HTTP\/1.1 200 OK/)
      .and.to.match(/connection: close/i);
    await drained;
  });

  it('answers a request that waits unread when the time of its idle connection is over', async () => {
    const { url, plane } = await start({ openai: openai.port, server: { keepAliveMs: KEEP_ALIVE_MS } });
    const client = connectTo(url);
    const received = collect(client);
    client.write(question);
    await eventually('the first answer', () => received.text.includes('HTTP/1.1 200 OK'));
    const drained = plane.drain(20_000);
    // From here on, the drain waits for the idle connection.
    while (plane.server.listening) await new Promise((resolve) => setImmediate(resolve));
    client.write(question);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, KEEP_ALIVE_MS);
    await eventually('the client sees the end', () => received.ended);
    expect(received.text.match(/HTTP\/1.1 200 OK/g)).to.have.length(2);
    await drained;
  });

  it('closes only its own direction of an idle connection, and asks no provider for what comes after', async () => {
    const { url, plane, events } = await start({ openai: openai.port, server: { keepAliveMs: KEEP_ALIVE_MS } });
    const client = net.connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
    const received = collect(client);
    client.write(question);
    await eventually('the first answer', () => received.text.includes('HTTP/1.1 200 OK'));
    const asked = events.length;
    const drained = plane.drain(20_000);
    await eventually('the client sees the end', () => received.ended);
    client.write(question);
    await drained;
    expect(received.text.match(/HTTP\/1.1/g)).to.have.length(1);
    expect(events).to.have.length(asked);
  });

  it('ends an idle connection without a reset when its time is over', async () => {
    const { url, plane } = await start({ openai: openai.port });
    const client = connectTo(url);
    const received = collect(client);
    client.write(question);
    await eventually('the answer', () => received.text.includes('HTTP/1.1 200 OK'));
    await plane.drain(0);
    await eventually('the client sees the end', () => received.ended);
  });

  it('accepts no connection after it has begun', async () => {
    const { url, plane } = await start({ openai: openai.port });
    const drained = plane.drain(5_000);
    await drained;
    const client = connectTo(url);
    const [error] = await once(client, 'error');
    expect(error).to.have.property('code', 'ECONNREFUSED');
  });

  it('ends a stream with an error event when its time is over', async () => {
    const gateway = await start({ openai: openai.port });
    openai.control.setShape({ chunks: 1_000, chunkMs: 20 });
    const answer = await openStream(gateway.url);
    answer.setEncoding('utf8');
    let received = '';
    answer.on('data', (piece: string) => {
      received += piece;
    });
    const ended = new Promise((resolve) => answer.on('close', resolve));
    await once(answer, 'data');
    await gateway.plane.drain(50);
    await ended;
    expect(answer.complete).to.equal(false);
    expect(received).to.match(/data: \{"error":\{[^\n]+\}\}\n\n$/);
    expect(gateway.count({ type: 'attempt-ended', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'request-ended', status: 'error' })).to.equal(1);
  });

  it('does not wait for a provider that never accepts the connection', async () => {
    const program = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`;
    const silent = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const fillers: net.Socket[] = [];
    try {
      const [port] = await once(silent.stdout, 'data').then(([text]) => [Number(String(text))]);
      silent.kill('SIGSTOP');
      // With its queue full, the kernel lets further connections wait.
      for (let place = 0; place < 3; place += 1)
        fillers.push(net.connect(port ?? 0, '127.0.0.1').on('error', () => undefined));
      const { url, plane } = await start({ openai: port ?? 0, timeouts: { connectMs: 30_000, totalMs: 60_000 } });
      sendRequest(url);
      await eventually('it is in flight', () => plane.inFlight() === 1);
      const startedAt = performance.now();
      await plane.drain(100);
      expect(performance.now() - startedAt).to.be.below(3_000);
    } finally {
      for (const socket of fillers) socket.destroy();
      silent.kill('SIGKILL');
    }
  });
});

/** What a connection receives, as it arrives. `ended` means in order, not by a reset. */
function collect(client: net.Socket): { readonly text: string; readonly ended: boolean } {
  const received = { text: '', ended: false };
  client.on('error', () => undefined);
  client.setEncoding('utf8').on('data', (piece: string) => {
    received.text += piece;
  });
  client.on('end', () => {
    received.ended = true;
  });
  return received;
}
