/** How requests are spread over the targets of a level, and where they go when a level has none left. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { contentEvent, jsonHeaders, openStream, plainAnswer } from './plane-fixture.ts';
import { type Answers, type FakeProvider, failing, fine, routingFixture } from './routing-fixture.ts';

const to = (provider: string, more: object = {}) => ({ provider, model: 'm', ...more });

/** Answers when the test says so. */
function held(): { readonly answers: Answers; readonly release: () => void; readonly waiting: () => number } {
  const open: (() => void)[] = [];
  return {
    answers: (outgoing) => {
      open.push(() => outgoing.writeHead(200, jsonHeaders).end(plainAnswer));
    },
    release: () => {
      for (const answer of open.splice(0)) answer();
    },
    waiting: () => open.length,
  };
}

describe('the balance of targets', () => {
  const { fake, start, close } = routingFixture();
  let [a, b, c]: FakeProvider[] = [];
  let providers: Record<string, FakeProvider>;

  beforeEach(async () => {
    [a, b, c] = [await fake(), await fake(), await fake()];
    providers = { a, b, c };
  });
  afterEach(close);

  const counts = () => [a, b, c].map((provider) => provider?.bodies.length);

  it('is by weight, at random, over the targets of the first level alone', async () => {
    const model = { balance: 'weighted', targets: [[to('a', { weight: 1 }), to('b', { weight: 4 })], to('c')] };
    const { ask } = await start({ providers, models: { 'gpt-4': model } });
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 10 }, async () => (await ask()).text()));
    }
    const [first = 0, second = 0, third] = counts();
    expect(first + second).to.equal(200);
    // Six standard deviations around a fifth.
    expect(first).to.be.within(6, 74);
    expect(third).to.equal(0);
  });

  it('goes through the rest of a level, then to the next one', async () => {
    const model = { balance: 'weighted', targets: [[to('a', { weight: 1000 }), to('b', { weight: 0.001 })], to('c')] };
    const { ask, count } = await start({ providers, models: { 'gpt-4': model } });
    a?.answer(failing(429));
    b?.answer(failing(401));
    const response = await ask();
    expect(response.headers.get('x-headgate-attempts')).to.match(/^a=429\(\d+ms\), b=401\(\d+ms\), c=200$/);
    expect(count({ type: 'failover' })).to.equal(2);
    // Both cool down now.
    expect((await ask()).headers.get('x-headgate-attempts')).to.equal('c=200');
  });

  it('is by load: the fewest requests in flight for the weight, until an answer has ended', async () => {
    const model = { balance: 'load', targets: [to('a'), to('b', { weight: 2 }), [to('c')]] };
    const { ask, plane } = await start({ providers, models: { 'gpt-4': model } });
    const [atA, atB] = [held(), held()];
    a?.answer(atA.answers);
    b?.answer(atB.answers);
    const answers: Promise<Response>[] = [];
    for (const expected of [
      [0, 1],
      [1, 1],
      [1, 2],
      [1, 3],
    ]) {
      answers.push(ask());
      while (atA.waiting() + atB.waiting() < answers.length) await new Promise(setImmediate);
      expect([atA.waiting(), atB.waiting()]).to.deep.equal(expected);
    }
    atB.release();
    await Promise.any(answers);
    while (plane.inFlight() > 1) await new Promise(setImmediate);
    const next = ask();
    while (atB.waiting() === 0) await new Promise(setImmediate);
    expect(atA.waiting()).to.equal(1);
    atA.release();
    atB.release();
    await Promise.all([...answers, next].map(async (answer) => (await answer).text()));
    expect(counts()[2]).to.equal(0);
  });

  it('counts a stream as load until its client has all of it, or leaves', async () => {
    const model = { balance: 'load', targets: [to('a'), to('b')] };
    const { url, ask, plane } = await start({ providers, models: { 'gpt-4': model } });
    a?.answer((outgoing) => outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).write(contentEvent));
    const stream = await openStream(url);
    expect(stream.headers['x-headgate-provider']).to.equal('a');
    for (let round = 0; round < 3; round += 1) {
      expect((await ask()).headers.get('x-headgate-provider')).to.equal('b');
    }
    stream.client.destroy();
    while (plane.inFlight() > 0) await new Promise(setImmediate);
    a?.answer(fine);
    expect((await ask()).headers.get('x-headgate-provider')).to.equal('a');
  });

  it('is by latency: each target is tried, then the fastest is asked', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b'), to('c')] };
    const { ask } = await start({ providers, models: { 'gpt-4': model } });
    const late = (ms: number): Answers => {
      return (outgoing) => setTimeout(() => outgoing.writeHead(200, jsonHeaders).end(plainAnswer), ms);
    };
    a?.answer(late(150));
    b?.answer(late(300));
    const asked: (string | null)[] = [];
    for (let round = 0; round < 8; round += 1) asked.push((await ask()).headers.get('x-headgate-provider'));
    expect(asked).to.deep.equal(['a', 'b', ...Array.from({ length: 6 }, () => 'c')]);
  });

  it('lets one request at a time find out how fast a target is, and others go where it is known', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b')] };
    const { ask } = await start({ providers, models: { 'gpt-4': model } });
    const slow = held();
    a?.answer(slow.answers);
    const first = ask();
    while (slow.waiting() === 0) await new Promise(setImmediate);
    for (let round = 0; round < 5; round += 1) {
      expect((await ask()).headers.get('x-headgate-provider')).to.equal('b');
    }
    slow.release();
    expect((await first).headers.get('x-headgate-provider')).to.equal('a');
  });

  it('does not take a target that fails at once for a fast one', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b')] };
    const { ask } = await start({ providers, models: { 'gpt-4': model } });
    a?.answer(failing(500));
    await (await ask()).text();
    const failures = a?.bodies.length;
    for (let round = 0; round < 5; round += 1) {
      expect((await ask()).headers.get('x-headgate-provider')).to.equal('b');
    }
    expect(a?.bodies.length).to.equal(failures);
  });

  it('takes the time of a client that waits no longer for what an answer takes at least, and blames nobody', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b')] };
    const { ask, count } = await start({ providers, models: { 'gpt-4': model } });
    a?.answer(() => undefined);
    const headers = { ...jsonHeaders, 'x-stainless-timeout': '3' };
    expect((await ask({}, { headers })).headers.get('x-headgate-provider')).to.equal('b');
    expect(count({ type: 'attempt-ended', verdict: 'failure' })).to.equal(0);
    for (let round = 0; round < 3; round += 1) {
      expect((await ask({}, { headers })).headers.get('x-headgate-attempts')).to.equal('b=200');
    }
  });

  it('takes a count of tokens for no sign of how fast answers are', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b')] };
    const more = { a: { type: 'anthropic' }, b: { type: 'anthropic' } };
    const { url } = await start({ providers, models: { 'gpt-4': model }, more: { ...more, c: {} } });
    const message =
      '{"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}';
    for (const provider of [a, b]) {
      provider?.answer((outgoing, body) => {
        outgoing.writeHead(200, jsonHeaders).end(body.max_tokens === undefined ? '{"input_tokens":3}' : message);
      });
    }
    const post = async (path: string, more: object = {}) => {
      const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], ...more });
      const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', headers: jsonHeaders, body });
      return [answer.status, answer.headers.get('x-headgate-provider')];
    };
    expect(await post('messages/count_tokens')).to.deep.equal([200, 'a']);
    expect(await post('messages', { max_tokens: 9 })).to.deep.equal([200, 'a']);
    expect(await post('messages', { max_tokens: 9 })).to.deep.equal([200, 'b']);
  });

  it('takes the tokens of an input for none either', async () => {
    const model = { balance: 'latency', targets: [to('a'), to('b')] };
    const more = { dialects: ['openai-responses'] };
    const { url } = await start({ providers, models: { 'gpt-4': model }, more: { a: more, b: more } });
    for (const provider of [a, b]) {
      provider?.answer((outgoing) =>
        outgoing.writeHead(200, jsonHeaders).end('{"object":"response.input_tokens","input_tokens":3}'),
      );
    }
    for (let round = 0; round < 3; round += 1) {
      const body = JSON.stringify({ model: 'gpt-4', input: 'x' });
      const answer = await fetch(`${url}/v1/responses/input_tokens`, { method: 'POST', headers: jsonHeaders, body });
      expect([answer.status, answer.headers.get('x-headgate-provider')]).to.deep.equal([200, 'a']);
      await answer.text();
    }
  });
});
