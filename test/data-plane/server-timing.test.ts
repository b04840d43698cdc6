/** Where the time of an answer went, for clients that ask. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { chatRequest, contentEvent, jsonHeaders, plainAnswer, planeFixture } from './plane-fixture.ts';

const form = /^gateway;dur=([\d.]+), queue;dur=([\d.]+), upstream;dur=([\d.]+)(?:, attempts;desc="(.*)")?$/;

describe('the times of an answer', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  const asked = (url: string, fields: object = {}, headers: object = { 'x-headgate-timing': '1' }) =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...jsonHeaders, ...headers },
      body: chatRequest({ ...fields }),
    });
  const read = (answer: Response) => {
    const [, gateway, queue, upstream, attempts] = form.exec(answer.headers.get('server-timing') ?? '') ?? [];
    return { gateway: Number(gateway), queue: Number(queue), upstream: Number(upstream), attempts };
  };

  it('are told on demand alone', async () => {
    const openai = await provider((_incoming, outgoing) => outgoing.end(plainAnswer));
    const { url } = await start({ openai });
    for (const headers of [{}, { 'x-headgate-timing': '0' }]) {
      expect((await asked(url, {}, headers)).headers.get('server-timing')).to.equal(null);
    }
    expect(read(await asked(url)).attempts).to.equal('openai=200');
  });

  it('tell waits for providers from waits for a turn', async () => {
    let calls = 0;
    const openai = await provider(async (_incoming, outgoing) => {
      calls += 1;
      await pause(30);
      if (calls === 1) outgoing.writeHead(500).end('{}');
      else outgoing.end(plainAnswer);
    });
    const { url } = await start({ openai, retry: { baseDelayMs: 40, maxDelayMs: 40 } });
    const { gateway, queue, upstream, attempts } = read(await asked(url));
    expect(upstream).to.be.within(55, 500);
    expect(queue).to.be.within(1, 200);
    expect(gateway).to.be.below(100);
    expect(attempts).to.match(/^openai=500\(\d+ms\), openai=200$/);
  });

  it('of a stream are those until its head', async () => {
    const openai = await provider(async (_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      await pause(30);
      outgoing.end(`${contentEvent}data: [DONE]\n\n`);
    });
    const { url } = await start({ openai });
    const answer = await asked(url, { stream: true });
    expect(read(answer).upstream).to.be.within(25, 500);
    await answer.text();
  });

  it('of a refusal are told too', async () => {
    const { url } = await start({ openai: 1 });
    const answer = await asked(url, { model: 'unknown' });
    expect(answer.status).to.equal(404);
    expect(read(answer)).to.include({ queue: 0, upstream: 0, attempts: undefined });
  });
});
