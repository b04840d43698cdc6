/** Bodies of requests that come slowly, and clients that are gone without a word. */

import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { readBody } from '../../src/worker/request/body.ts';
import { PhaseTimers } from '../../src/worker/upstream/phase-timers.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { testConfig } from '../helpers/test-config.ts';
import { chatRequest, connectTo, listen, planeFixture, rawRequest } from './plane-fixture.ts';

const LENGTH = 100_000;

describe('a body that comes slowly', () => {
  const closers: (() => void)[] = [];

  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** Sends `bytes` each `everyMs` on a clock of the test's own; resolves with the code of the refusal, or the length. */
  async function upload(bytes: number, everyMs: number): Promise<{ result: string | number; seconds: number }> {
    const clock = new ManualClock();
    const meter = { bytes: 0 };
    const { server } = testConfig({ openai: 1 });
    let result: string | number | null = null;
    const reader = http.createServer((incoming) => {
      readBody(incoming, { server, meter, timers: new PhaseTimers(clock) }).then(
        (body) => {
          result = body.bytes.length;
        },
        (error: { code: string }) => {
          result = error.code;
        },
      );
    });
    const socket = net.connect(await listen(reader), '127.0.0.1').on('error', () => undefined);
    closers.push(() => {
      socket.destroy();
      reader.closeAllConnections();
      reader.close();
    });
    socket.setNoDelay(true).write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${LENGTH}\r\n\r\n`);
    let sent = 0;
    let passedMs = 0;
    while (result === null) {
      const piece = Math.min(bytes, LENGTH - sent);
      sent += piece;
      socket.write('x'.repeat(piece));
      await eventually('what was sent is read', () => result !== null || meter.bytes === sent);
      if (sent === LENGTH) await eventually('the body is complete', () => result !== null);
      clock.advance(everyMs);
      passedMs += everyMs;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { result, seconds: passedMs / 1_000 };
  }

  it('is read to its end while it comes steadily, however long that takes', async () => {
    expect(await upload(1_000, 1_000)).to.deep.equal({ result: LENGTH, seconds: 100 });
    expect((await upload(14_000, 25_000)).result).to.equal(LENGTH);
  });

  it('is refused when nothing of it comes for half a minute', async () => {
    expect(await upload(50_000, 31_000)).to.deep.equal({ result: 'request_timeout', seconds: 31 });
  });

  it('is refused when only a trickle of bytes keeps it alive, whatever came before', async () => {
    const { result, seconds } = await upload(10, 1_000);
    expect(result).to.equal('request_timeout');
    expect(seconds).to.be.within(30, 32);
  });
});

describe('a client that is gone without a word', () => {
  const { mock, start, close } = planeFixture();

  afterEach(close);

  it('is asked by TCP whether it is there: keep-alive is set on its connection', async function () {
    if (process.platform !== 'linux') this.skip();
    const openai = await mock('openai');
    const { url, plane } = await start({ openai: openai.port });
    const socket = connectTo(url);
    await eventually('it is connected', () => plane.server.listening && socket.localPort !== undefined);
    const port = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
    const ours = `:${port(Number(new URL(url).port))} `;
    const theirs = `:${port(socket.localPort ?? 0)} `;
    const timer = await eventually('the kernel has the connection', () => {
      const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n');
      const fields = lines.map((line) => line.trim().split(/\s+/));
      const found = fields.find(
        ([, local = '', remote = '']) => `${local} `.endsWith(ours) && `${remote} `.endsWith(theirs),
      );
      return found?.[5];
    });
    // 02: a keep-alive timer.
    expect(timer).to.match(/^02:/);
    socket.destroy();
  });
});

describe('a connection without a request', () => {
  const { mock, start, close } = planeFixture();

  afterEach(close);

  it('is closed when its time is over', async () => {
    const openai = await mock('openai');
    const { url } = await start({ openai: openai.port, server: { keepAliveMs: 50 } });
    const socket = connectTo(url);
    let closed = false;
    socket.on('close', () => {
      closed = true;
    });
    socket.resume().write(rawRequest(chatRequest()));
    await eventually('it is closed', () => closed);
    expect(openai.control.stats().requests).to.equal(1);
  });
});
