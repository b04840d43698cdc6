/** Where the time of an answer went, for clients that ask. */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { chatRequest, contentEvent, jsonHeaders, plainAnswer, planeFixture, stepping } from './plane-fixture.ts';

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
    const clock = new ManualClock();
    const openai = await provider((_incoming, outgoing) => {
      calls += 1;
      clock.advance(30);
      if (calls === 1) outgoing.writeHead(500).end('{}');
      else outgoing.end(plainAnswer);
    });
    const { url, count } = await start({ openai, retry: { baseDelayMs: 40, maxDelayMs: 40 } }, { clock });
    const answer = asked(url);
    await eventually('the first has failed', () => count({ type: 'attempt-ended' }) === 1);
    clock.advance(40);
    const { queue, ...times } = read(await answer);
    // The wait is as long as chance has it.
    expect(queue).to.be.within(1, 40);
    expect(times).to.deep.equal({ gateway: 0, upstream: 60, attempts: 'openai=500(30ms), openai=200' });
  });

  it('of a stream are those until its head', async () => {
    const clock = new ManualClock();
    const openai = await provider(stepping(() => clock.advance(30), `${contentEvent}data: [DONE]\n\n`));
    const { url } = await start({ openai }, { clock });
    const answer = await asked(url, { stream: true });
    expect(read(answer).upstream).to.equal(30);
    await answer.text();
  });

  it('of a refusal are told too', async () => {
    const { url } = await start({ openai: 1 });
    const answer = await asked(url, { model: 'unknown' });
    expect(answer.status).to.equal(404);
    expect(read(answer)).to.include({ queue: 0, upstream: 0, attempts: undefined });
  });
});
