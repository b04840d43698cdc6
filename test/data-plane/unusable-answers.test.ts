/**
 * Answers that are broken off, endless, redirected or missing: cases beside the table of outcomes, whose rows are in
 * `outcome-table.test.ts`.
 */
import net from 'node:net';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { errorOf, jsonHeaders, listen, plainAnswer, planeFixture } from './plane-fixture.ts';

describe('an unusable answer', () => {
  const { mock, provider, start, close } = planeFixture();

  afterEach(close);

  for (const [status, outcome] of [
    [400, 'client_error'],
    [401, 'auth_error'],
    [429, 'rate_limited'],
  ] as const) {
    it(`is judged by its status when the body of a ${status} breaks off`, async () => {
      const openai = await provider((_request, response) => {
        response.writeHead(status, { ...jsonHeaders, 'content-length': 500, 'retry-after': '20' });
        response.write('{"error":{"message":"no', () => response.destroy());
      });
      const { ask, count } = await start({ openai });
      await ask();
      expect(count({ type: 'attempt-ended', outcome, verdict: 'neutral' })).to.equal(1);
      expect(count({ type: 'attempt-ended' })).to.equal(1);
    });
  }

  it('is a bad response, not an unreachable provider, when a plain 200 breaks off', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, { ...jsonHeaders, 'content-length': 500 });
      response.write(plainAnswer.slice(0, -20), () => response.destroy());
    });
    const { ask, count } = await start({ openai, retry: { attempts: 1 } });
    expect((await ask()).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'failure' })).to.equal(1);
  });

  it('is a bad response when a stream goes on without end and without content', async () => {
    const openai = await provider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const metadata = `data: {"choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}],"pad":"${'x'.repeat(1_000)}"}\n\n`;
      const pump = () => {
        while (response.writable && response.write(metadata));
      };
      response.on('drain', pump);
      pump();
    });
    const { ask, count } = await start({ openai, retry: { attempts: 1 } });
    expect((await ask({ stream: true })).status).to.equal(502);
    expect(count({ type: 'attempt-ended', outcome: 'bad_response', verdict: 'failure' })).to.equal(1);
  });

  it('costs no attempt when a reused socket dies before the first byte', async () => {
    let requests = 0;
    const fickle = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        if (!data.toString().includes('POST')) return;
        requests += 1;
        if (requests === 2) {
          socket.resetAndDestroy();
          return;
        }
        const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${plainAnswer.length}`;
        socket.write(`${head}\r\n\r\n${plainAnswer}`);
      });
    });
    const gateway = await start({ openai: await listen(fickle) });
    expect((await gateway.ask()).status).to.equal(200);
    expect((await gateway.ask()).status).to.equal(200);
    expect(requests).to.equal(3);
    expect([gateway.count({ type: 'retry' }), gateway.count({ type: 'attempt-ended' })]).to.deep.equal([0, 2]);
    fickle.close();
  });

  it('is a bad response when it is a redirect, which is not followed', async () => {
    const openai = await mock('openai');
    const { ask } = await start({ openai: openai.port });
    openai.control.setFault({ kind: 'status', status: 302, headers: { location: 'http://127.0.0.1:1/' } });
    const response = await ask();
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([502, 'provider_error']);
  });
});
