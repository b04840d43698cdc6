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
