/** Requests whose context is too long for their model go on with the models that it falls back to. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { contentEvent, errorOf } from './plane-fixture.ts';
import { type Answers, type FakeProvider, failing, fine, routingFixture, tooLong } from './routing-fixture.ts';

const to = (provider: string, model: string) => [{ provider, model }];

const models = {
  small: { targets: to('a', 'small'), fallbacks: { context: ['middle', 'large'] } },
  middle: { targets: to('a', 'middle'), fallbacks: { context: ['wide'] } },
  wide: { targets: to('b', 'wide') },
  large: { aliases: ['huge'], targets: to('b', 'large') },
};

/** Is too long for all models but these. */
function tooLongExcept(...named: readonly string[]): Answers {
  return (outgoing, body) => (named.includes(String(body.model)) ? fine : tooLong)(outgoing, body);
}

describe('a context that is too long', () => {
  const { fake, start, close } = routingFixture();
  let a: FakeProvider;
  let b: FakeProvider;

  beforeEach(async () => {
    [a, b] = [await fake(tooLong), await fake()];
  });
  afterEach(close);

  const plane = (own: object = models, more = {}) => start({ providers: { a, b }, models: own, more });
  const asked = () => [...a.models(), '|', ...b.models()].join(' ');

  it('goes to the model that is named, and its client hears nothing of it', async () => {
    const { ask, count, logged, gate } = await plane({
      ...models,
      small: { ...models.small, fallbacks: { context: ['huge'] } },
    });
    const response = await ask({ model: 'small' });
    expect(response.status).to.equal(200);
    expect(response.headers.get('x-headgate-attempts')).to.match(/^a=400\(\d+ms\), b=200$/);
    expect(asked()).to.equal('small | large');
    expect(count({ type: 'failover', from: 'a', to: 'b' })).to.equal(1);
    expect(count({ type: 'retry' })).to.equal(0);
    expect(count({ type: 'request-ended', model: 'small', provider: 'b', status: 'success' })).to.equal(1);
    expect(JSON.parse(logged[0] ?? '')).to.include({ model: 'small', upstreamModel: 'large' });
    expect(gate.isCooling('a', 'small', 'default')).to.equal(false);
  });

  it('goes through all of them in order, each with its own fallbacks first, and to none twice', async () => {
    a.answer(tooLong);
    b.answer(tooLongExcept('large'));
    const { ask } = await plane();
    expect((await ask({ model: 'small' })).status).to.equal(200);
    expect(asked()).to.equal('small middle | wide large');
  });

  it('is the client’s error, in the provider’s words, where all of them are too small', async () => {
    b.answer(tooLong);
    const { ask, count } = await plane();
    const response = await ask({ model: 'small' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([400, 'context_length_exceeded']);
    expect(count({ type: 'request-ended', model: 'small', code: 'context_length_exceeded' })).to.equal(1);
    expect(asked()).to.equal('small middle | wide large');
  });

  it('moves at one provider without its retry budget, though this has asked not to be tried again', async () => {
    a.answer((outgoing, body) => {
      outgoing.setHeader('x-should-retry', 'false');
      tooLongExcept('large')(outgoing, body);
    });
    const own = {
      small: { targets: to('a', 'small'), fallbacks: { context: ['large'] } },
      large: { targets: to('a', 'large') },
    };
    const { ask, count } = await plane(own, { a: { retry: { attempts: 1, budget: 0 } } });
    const response = await ask({ model: 'small' });
    expect(response.headers.get('x-headgate-attempts')).to.match(/^a=400\(\d+ms\), a=200$/);
    expect([count({ type: 'failover', from: 'a', to: 'a' }), count({ type: 'retry' })]).to.deep.equal([1, 0]);
  });

  it('stays the client’s error where a fallback cannot be asked now, and moves past it where another can', async () => {
    const { ask, view } = await plane();
    view([{ provider: 'b', model: 'wide', state: 'open', remainingMs: 60_000 }]);
    expect((await ask({ model: 'small' })).status).to.equal(200);
    expect(asked()).to.equal('small middle | large');
    view([{ provider: 'b', model: null, state: 'open', remainingMs: 60_000 }]);
    const response = await ask({ model: 'small' });
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([400, 'context_length_exceeded']);
  });

  it('moves on from a fallback that fails, after its retries', async () => {
    b.answer((outgoing, body) => (body.model === 'wide' ? failing(500) : fine)(outgoing, body));
    const { ask } = await plane();
    const response = await ask({ model: 'small' });
    expect(response.status).to.equal(200);
    expect(b.models().at(-1)).to.equal('large');
    expect(b.models().filter((model) => model === 'wide').length).to.be.within(1, 3);
  });

  it('is no reason to move for a model without fallbacks, nor is another error', async () => {
    const { ask } = await plane();
    b.answer(tooLong);
    expect((await ask({ model: 'wide' })).status).to.equal(400);
    a.answer(failing(400, { message: 'temperature is wrong', type: 'invalid_request_error', param: 'temperature' }));
    expect((await ask({ model: 'small' })).status).to.equal(400);
    expect(asked()).to.equal('small | wide');
  });

  it('moves before the first content of a stream, and not after it', async () => {
    const event = `data: ${JSON.stringify({ error: { message: 'prompt is too long', code: 'context_length_exceeded' } })}\n\n`;
    const streaming = (...events: readonly string[]): Answers => {
      return (outgoing) => {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        outgoing.end(events.join(''));
      };
    };
    const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    a.answer(streaming(event));
    b.answer(streaming(contentEvent, finish));
    const { ask } = await plane();
    const moved = await ask({ model: 'small', stream: true });
    expect(await moved.text()).to.equal(contentEvent + finish);
    expect(asked()).to.equal('small middle | wide');
    a.answer(streaming(contentEvent, event));
    const cut = await ask({ model: 'small', stream: true }).then((response) => response.text().catch(() => 'cut'));
    expect(cut).to.equal('cut');
    expect(asked()).to.equal('small middle small | wide');
  });

  it('is balanced in a fallback model that keeps no sessions, and moves none there', async () => {
    const level = [...to('b', 'large'), ...to('a', 'large')];
    const session = (own: object) => ({
      small: { targets: to('a', 'small'), fallbacks: { context: ['large'] } },
      large: { targets: [level], ...own },
    });
    a.answer(tooLongExcept('large'));
    const askAll = async (own: object) => {
      const { ask, count } = await plane(session(own));
      const answers = new Set<string | null>();
      for (let key = 0; key < 12; key += 1) {
        const headers = { 'content-type': 'application/json', 'session-id': `session-${key}` };
        answers.add((await ask({ model: 'small' }, { headers })).headers.get('x-headgate-provider'));
      }
      return [[...answers].sort().join(' '), count({ type: 'session-moved' })];
    };
    expect(await askAll({})).to.deep.equal(['a b', 0]);
    expect(await askAll({ sessions: 'off' })).to.deep.equal(['b', 0]);
  });

  it('leads from a pattern to a pattern, with the star of each', async () => {
    const own = {
      'a/*': { targets: to('a', '*'), fallbacks: { context: ['b/long'] } },
      'b/*': { targets: to('b', 'x-*') },
    };
    const { ask, count } = await plane(own);
    expect((await ask({ model: 'a/short' })).status).to.equal(200);
    expect(asked()).to.equal('short | x-long');
    expect(count({ type: 'request-ended', model: 'a/*' })).to.equal(1);
  });

  it('is asked of models whose providers have such an API alone', async () => {
    const own = {
      small: { targets: to('a', 'small'), fallbacks: { context: ['chats', 'large'] } },
      chats: { targets: to('c', 'claude') },
      large: { targets: to('b', 'large') },
    };
    const c = await fake();
    const { url } = await start({ providers: { a, b, c }, models: own, more: { c: { type: 'anthropic' } } });
    b.answer((outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(
        '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0]}],"usage":{"prompt_tokens":1,"total_tokens":1}}',
      );
    });
    const response = await fetch(`${url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"small","input":"x"}',
    });
    expect(response.status).to.equal(200);
    expect(c.bodies.length).to.equal(0);
  });
});
