/** The names by which clients ask for models: aliases, patterns, and what becomes of them at a provider. */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { errorOf, jsonHeaders } from './plane-fixture.ts';
import { type FakeProvider, failing, routingFixture } from './routing-fixture.ts';

const notFound = failing(404, {
  message: 'The model `gpt-none` does not exist or you do not have access to it.',
  type: 'invalid_request_error',
  param: null,
  code: 'model_not_found',
});

const models = {
  fast: { aliases: ['gpt-fast', 'team/quick'], targets: [{ provider: 'a', model: 'small' }] },
  'openai/*': {
    targets: [
      { provider: 'a', model: '*' },
      { provider: 'b', model: 'relay/*' },
    ],
  },
  'openai/gpt-5*': { targets: [{ provider: 'b', model: 'five' }] },
  'openai/exact': { targets: [{ provider: 'b', model: 'exact' }] },
};

describe('the names of models', () => {
  const { fake, start, close } = routingFixture();
  let a: FakeProvider;
  let b: FakeProvider;

  beforeEach(async () => {
    [a, b] = [await fake(), await fake()];
  });
  afterEach(close);

  const plane = (own: object = models) => start({ providers: { a, b }, models: own });

  it('lead from an alias to its model, under whose name it is counted', async () => {
    const { ask, count, logged } = await plane();
    for (const model of ['gpt-fast', 'team/quick', 'fast']) expect((await ask({ model })).status).to.equal(200);
    expect(a.models()).to.deep.equal(['small', 'small', 'small']);
    expect(count({ type: 'request-ended', model: 'fast' })).to.equal(3);
    expect(JSON.parse(logged[0] ?? '')).to.include({ model: 'fast', upstreamModel: 'small' });
  });

  it('lead from a pattern to what its star stands for, under the name of the pattern', async () => {
    const { ask, count, logged } = await plane();
    expect((await ask({ model: 'openai/gpt-4.1-mini' })).status).to.equal(200);
    expect(a.models()).to.deep.equal(['gpt-4.1-mini']);
    expect(count({ type: 'request-ended', model: 'openai/*' })).to.equal(1);
    expect(JSON.parse(logged[0] ?? '')).to.include({ model: 'openai/*', upstreamModel: 'gpt-4.1-mini' });
  });

  it('are put into a longer name of the target, and reach it at a failover', async () => {
    const { ask } = await plane();
    a.answer(failing(500));
    expect((await ask({ model: 'openai/o3' })).headers.get('x-headgate-provider')).to.equal('b');
    expect(b.models()).to.deep.equal(['relay/o3']);
  });

  it('are exact before they are patterns, and long patterns before short ones', async () => {
    const { ask } = await plane({ ...models, '*': { targets: [{ provider: 'a', model: 'rest-of-*' }] } });
    for (const model of ['openai/exact', 'openai/gpt-5-nano', 'openai/gpt-4', 'other/x'])
      await (await ask({ model })).text();
    expect(b.models()).to.deep.equal(['exact', 'five']);
    expect(a.models()).to.deep.equal(['gpt-4', 'rest-of-other/x']);
  });

  for (const model of [
    'openai/',
    'openai/*',
    'openai/a b',
    'openai/../x',
    `openai/${'x'.repeat(129)}`,
    'fast*',
    'elsewhere',
  ]) {
    it(`lead nowhere: ${model.slice(0, 20)}`, async () => {
      const { ask, count } = await plane();
      const response = await ask({ model });
      expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'model_not_found']);
      expect(a.bodies.length + b.bodies.length).to.equal(0);
      expect(count({ type: 'request-ended', model: 'other' })).to.equal(1);
    });
  }

  it('are listed with their aliases, and without patterns', async () => {
    const { url } = await plane();
    const list = async (headers: Record<string, string> = {}) => {
      const { data } = (await (await fetch(`${url}/v1/models`, { headers })).json()) as { data: { id: string }[] };
      return data.map(({ id }) => id);
    };
    expect(await list()).to.deep.equal(['fast', 'gpt-fast', 'team/quick', 'openai/exact']);
    expect(await list({ 'anthropic-version': '2023-06-01' })).to.deep.equal(await list());
    for (const [name, status] of [
      ['gpt-fast', 200],
      ['openai/any', 200],
      ['openai/*', 404],
      ['none', 404],
    ] as const) {
      expect((await fetch(`${url}/v1/models/${name}`)).status, name).to.equal(status);
    }
  });

  describe('that a provider does not know, behind a star', () => {
    const alone = { 'openai/*': { targets: [{ provider: 'a', model: '*' }] } };

    it('are the client’s: it gets the provider’s own 404, and nothing cools down', async () => {
      const { ask, count, gate } = await plane(alone);
      a.answer(notFound);
      const response = await ask({ model: 'openai/gpt-none' });
      expect([response.status, (await errorOf(response)).code]).to.deep.equal([404, 'model_not_found']);
      expect(count({ type: 'cooldown-started' })).to.equal(0);
      expect(count({ type: 'attempt-ended', outcome: 'client_error', verdict: 'neutral', model: '*' })).to.equal(1);
      expect(count({ type: 'request-ended', code: 'request_rejected' })).to.equal(1);
      expect(gate.isCooling('a', '*', 'default')).to.equal(false);
      a.answer((outgoing) =>
        outgoing
          .writeHead(200, jsonHeaders)
          .end('{"choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}'),
      );
      expect((await ask({ model: 'openai/gpt-4' })).status).to.equal(200);
    });

    it('are asked of the next target', async () => {
      const { ask, count } = await plane();
      a.answer(notFound);
      expect((await ask({ model: 'openai/o3' })).headers.get('x-headgate-attempts')).to.match(
        /^a=404\(\d+ms\), b=200$/,
      );
      expect(count({ type: 'cooldown-started' })).to.equal(0);
    });

    it('never answer 401, by which a client would take its own key for wrong', async () => {
      const { ask } = await plane(alone);
      a.answer(failing(401, { message: 'Model gpt-none is not supported', type: 'ModelError', code: null }));
      const response = await ask({ model: 'openai/gpt-none' });
      expect(response.status).to.equal(404);
    });

    it('cool down where the configuration names the model', async () => {
      const { ask, count } = await plane({ 'openai/*': { targets: [{ provider: 'a', model: 'named' }] } });
      a.answer(failing(404, { message: 'The model `named` does not exist', code: 'model_not_found' }));
      const response = await ask({ model: 'openai/x' });
      expect([response.status, (await errorOf(response)).code]).to.deep.equal([502, 'model_unavailable']);
      expect(count({ type: 'cooldown-started', reason: 'model' })).to.equal(1);
    });
  });
});
