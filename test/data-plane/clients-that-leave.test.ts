/** Clients that leave: while they send, during a back-off, before and after the first content, without reading. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import type { RequestLine } from '../../src/worker/reporting/request-line.ts';
import type { RunningPlane } from '../helpers/data-plane.ts';
import {
  chatRequest,
  connectTo,
  openStream,
  plainAnswer,
  planeFixture,
  rawRequest,
  sendRequest,
} from './plane-fixture.ts';

/** What the request log has of its only request. */
function lineOf({ logged }: RunningPlane): RequestLine {
  expect(logged).to.have.length(1);
  return JSON.parse(logged[0] ?? '') as RequestLine;
}

describe('a client that leaves', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  it('while it sends its body is no longer in flight, and is not counted as a request', async () => {
    const gateway = await start({ openai: openai.port });
    const socket = connectTo(gateway.url);
    socket.write(rawRequest(chatRequest({ padding: 'x'.repeat(1000) })).slice(0, -500));
    await eventually('the request is under way', () => gateway.plane.inFlight() === 1);
    socket.destroy();
    await eventually('it is no longer in flight', () => gateway.plane.inFlight() === 0);
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
  });

  it('during a back-off keeps no probe lease', async () => {
    const failing = await provider((_request, response) => response.writeHead(500).end('{}'));
    const anthropic = await provider((_request, response) => response.end(plainAnswer));
    const { url, view, count, plane, leases } = await start({
      openai: failing,
      anthropic,
      retry: { baseDelayMs: 5_000, maxDelayMs: 5_000 },
    });
    view([{ provider: 'anthropic', model: null, state: 'half-open', remainingMs: 0 }]);
    const client = sendRequest(url);
    await eventually('the first attempt has failed', () => count({ type: 'attempt-ended' }) === 1);
    client.destroy();
    await eventually('nothing is in flight', () => plane.inFlight() === 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(leases.asked.length).to.equal(leases.returned.length);
    expect(count({ type: 'request-ended' })).to.equal(0);
  });

  it('before the first content stops the provider, and counts neither for the circuit nor as a request', async () => {
    const gateway = await start({ openai: openai.port });
    openai.control.setFault({ kind: 'hang' });
    const client = sendRequest(gateway.url, chatRequest({ stream: true }));
    await eventually('the provider is asked', () => openai.control.stats().inFlight === 1);
    client.destroy();
    await eventually('the provider sees the abort', () => openai.control.stats().aborted === 1);
    await eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);
    expect(gateway.count({ type: 'attempt-ended', outcome: 'client_gone', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
    expect(lineOf(gateway)).to.include({ outcome: 'client_gone', status: 499, firstContentMs: null, code: null });
  });

  it('before the first content of a stream that is open is said to have had its status', async () => {
    const port = await provider(async (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let comment = 0; comment < 100 && !outgoing.destroyed; comment += 1) {
        outgoing.write(': PROCESSING\n\n');
        await pause(50);
      }
    });
    const gateway = await start({ openai: port });
    const answer = await openStream(gateway.url);
    answer.client.destroy();
    await eventually('nothing is in flight', () => gateway.plane.inFlight() === 0);
    await eventually('its line is written', () => gateway.logged.length === 1);
    expect(gateway.count({ type: 'request-ended' })).to.equal(0);
    expect(lineOf(gateway)).to.include({ outcome: 'client_gone', status: 200, firstContentMs: null, code: null });
  });

  it('after the first content stops the provider, and counts as a success, but not for the circuit', async () => {
    const gateway = await start({ openai: openai.port });
    openai.control.setShape({ chunks: 1_000, chunkMs: 20 });
    const answer = await openStream(gateway.url);
    await once(answer, 'data');
    answer.client.destroy();
    await eventually('the provider sees the abort', () => openai.control.stats().aborted === 1);
    await eventually('the end is counted', () => gateway.count({ type: 'request-ended' }) === 1);
    expect(gateway.count({ type: 'request-ended', status: 'success' })).to.equal(1);
    expect(gateway.count({ type: 'attempt-ended', outcome: 'client_gone', verdict: 'neutral' })).to.equal(1);
    expect(gateway.count({ type: 'stream-ended', outcome: 'client_gone' })).to.equal(1);
    expect(gateway.plane.inFlight()).to.equal(0);
    const { attempts, firstContentMs, ...line } = lineOf(gateway);
    expect(line).to.include({ outcome: 'client_gone', status: 200, owner: null, code: null });
    expect(attempts).to.match(/^openai=client-gone\(\d+ms\)$/);
    expect(firstContentMs).to.be.a('number');
    expect(gateway.reported).to.deep.equal([]);
  });

  it('without reading its answer is in flight until its connection is closed', async () => {
    const large = plainAnswer.replace('hi', 'x'.repeat(16 * 1024 * 1024));
    const port = await provider((_request, response) => response.end(large));
    const { url, plane, count } = await start({ openai: port, server: { maxBufferedBytes: 64 * 1024 * 1024 } });
    const socket = connectTo(url);
    socket.pause();
    socket.write(rawRequest(chatRequest()));
    await eventually('its end is counted', () => count({ type: 'request-ended', status: 'success' }) === 1);
    expect(plane.inFlight()).to.equal(1);
    socket.destroy();
    await eventually('it is no longer in flight', () => plane.inFlight() === 0);
  });

  it('with two streams on one connection is never the fault of a provider', async () => {
    openai.control.setShape({ chunks: 20, chunkMs: 2 });
    const gateway = await start({ openai: openai.port });
    const two = rawRequest(chatRequest({ stream: true })).repeat(2);
    const leaves = async (afterMs: number) => {
      const socket = connectTo(gateway.url).on('error', () => undefined);
      socket.write(two);
      socket.resume();
      await pause(afterMs);
      if (afterMs % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    };
    const gone = () => gateway.count({ type: 'attempt-ended', outcome: 'client_gone' });
    await Promise.all(
      Array.from({ length: 15 }, async (_, index) => {
        for (let round = 0; round < 30 && gone() < 150; round += 1) await leaves(((index * 7 + round * 13) % 60) + 1);
      }),
    );
    // A starved host still accepts connections that their clients have closed long ago.
    await eventually('all are noticed', () => gone() >= 20 && gateway.plane.inFlight() === 0, 40_000);
    expect(gateway.count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });
});
