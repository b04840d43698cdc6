/** Limits on requests: size of a body, time until it is complete, requests in flight, bytes of all bodies. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import type { RunningMock } from '../../src/mock/server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { readBody } from '../../src/worker/request/arrival/body.ts';
import { ByteMeter } from '../../src/worker/upstream/byte-meter.ts';
import { PhaseTimers } from '../../src/worker/upstream/phase-timers.ts';
import { testConfig } from '../helpers/test-config.ts';
import {
  chatRequest,
  connectTo,
  contentEvent,
  errorOf,
  jsonHeaders,
  listen,
  plainAnswer,
  planeFixture,
  rawRequest,
} from './plane-fixture.ts';

describe('a request beyond a limit', () => {
  const { mock, provider, start, close } = planeFixture();
  let openai: RunningMock;

  beforeEach(async () => {
    openai = await mock('openai');
  });
  afterEach(close);

  /** A provider that has been asked, and answers that and all that follows after `answer`. */
  async function held() {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const port = await provider(async (_request, response) => {
      asked.resolve();
      await answered.promise;
      response.writeHead(200, jsonHeaders).end(plainAnswer);
    });
    return { port, asked: asked.promise, answer: () => answered.resolve() };
  }

  it('gets a 413 for a body over the limit, whether its length is declared or not', async () => {
    const { ask, url, count } = await start({ openai: openai.port, server: { maxBodyBytes: 1_000 } });
    const response = await ask({ padding: 'x'.repeat(2_000) });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([413, 'body_too_large']);
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
      const request = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end('x'.repeat(2_000));
    });
    expect(status).to.equal(413);
    expect(count({ type: 'rejected', reason: 'body_too_large' })).to.equal(2);
  });

  it('gets a 413 even if the client reads nothing until it has sent the whole body', async () => {
    const { url } = await start({ openai: openai.port, server: { maxBodyBytes: 100_000 } });
    const socket = connectTo(url);
    socket.pause();
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n');
    socket.write('transfer-encoding: chunked\r\n\r\n');
    const piece = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let sent = 0; sent < 10_000_000; sent += 0x10000) {
      if (!socket.write(piece)) await once(socket, 'drain');
    }
    socket.write(`0\r\n\r\n${rawRequest(chatRequest(), 'connection: close')}`);
    const answers = await text(socket);
    socket.destroy();
    expect(answers.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });

  it('is refused with 408 when its body does not come in time, and its bytes are no longer counted', async () => {
    const meter = new ByteMeter(1e9);
    const { server } = testConfig({ openai: 1 });
    const refused = Promise.withResolvers<unknown>();
    const reader = http.createServer((incoming) => {
      const reading = { server, meter, timers: new PhaseTimers(systemClock), pauseMs: 60 };
      readBody(incoming, reading).then(refused.resolve, refused.resolve);
    });
    const socket = net.connect(await listen(reader), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    expect(await refused.promise).to.include({ code: 'request_timeout', status: 408 });
    expect(meter.bytes).to.equal(0);
    socket.destroy();
    reader.closeAllConnections();
    reader.close();
  });

  it('gets a 504 when its body is complete only after the deadline, and no provider is asked or blamed', async () => {
    const gateway = await start({ openai: openai.port, timeouts: { totalMs: 20 } });
    const request = rawRequest(chatRequest(), 'connection: close');
    const socket = connectTo(gateway.url);
    socket.write(request.slice(0, -1));
    await eventually('the request is under way', () => gateway.plane.inFlight() === 1);
    await pause(40);
    socket.write(request.slice(-1));
    expect(await text(socket)).to.match(/^HTTP\/1\.1 504[\s\S]*"code":"time_limit"/);
    expect(openai.control.stats().requests).to.equal(0);
    expect(gateway.count({ type: 'circuit-rejection' })).to.equal(0);
    socket.destroy();
  });

  it('is blamed on the provider when nothing but its silence has used the time up', async () => {
    const timeouts = { headersMs: 150, totalMs: 200 };
    const { ask, logged } = await start({ openai: openai.port, timeouts });
    openai.control.setFault({ kind: 'hang' });
    const { code, message } = await errorOf(await ask({ stream: true }));
    expect(code).to.equal('provider_timeout');
    expect(message).to.match(
      /^The provider openai had not answered when the request's time of 0\.2 s \(timeouts\.total\) was over; .*openai=timeout-headers/,
    );
    const { owner, attempts } = JSON.parse(logged[0] ?? '');
    expect(owner).to.equal('provider');
    expect(attempts).to.match(/^openai=timeout-headers\(\d+ms\), openai=limit\(\d+ms\)$/);
  });

  it('is not blamed on a provider that got little of the time, after a slow body', async () => {
    const gateway = await start({ openai: openai.port, timeouts: { totalMs: 100 } });
    openai.control.setFault({ kind: 'hang' });
    const request = rawRequest(chatRequest(), 'connection: close');
    const socket = connectTo(gateway.url);
    socket.write(request.slice(0, -1));
    await pause(60);
    socket.write(request.slice(-1));
    const answer = await text(socket);
    expect(answer).to.match(/"message":"The provider openai had not answered when the request's time of 0\.1 s/);
    expect(answer).to.match(/"code":"time_limit"/);
    expect(gateway.count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
  });

  it('gets a 503 with Retry-After when too many are in flight', async () => {
    const { port, asked, answer } = await held();
    const { ask, count } = await start({ openai: port, server: { maxInFlight: 1 } });
    const first = ask();
    await asked;
    const second = await ask();
    answer();
    expect([second.status, second.headers.get('retry-after')]).to.deep.equal([503, '1']);
    expect((await errorOf(second)).code).to.equal('overloaded');
    expect((await first).status).to.equal(200);
    expect(count({ type: 'rejected', reason: 'overload' })).to.equal(1);
  });

  it('gets a 503 when all bodies together are too large, until one of them is released', async () => {
    const { port, asked, answer } = await held();
    const { ask } = await start({ openai: port, server: { maxBufferedBytes: 3_000 } });
    const first = ask({ padding: 'x'.repeat(2_000) });
    await asked;
    expect((await ask({ padding: 'x'.repeat(2_000) })).status).to.equal(503);
    answer();
    await first;
    expect((await ask({ padding: 'x'.repeat(2_000) })).status).to.equal(200);
  });

  it('gets a 503 while a committed stream, whose body still counts, takes up the bytes', async () => {
    const port = await provider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(contentEvent);
    });
    const { ask } = await start({ openai: port, server: { maxBufferedBytes: 3_000 } });
    const first = await ask({ stream: true, padding: 'x'.repeat(2_000) });
    expect(first.status).to.equal(200);
    expect((await ask({ stream: true, padding: 'x'.repeat(2_000) })).status).to.equal(503);
    await first.body?.cancel();
  });
});
