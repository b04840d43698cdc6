/**
 * What answers cost: at the target that gave them, for every dialect, by the price that is known when they end.
 */
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { startMock } from '../../src/mock/server.ts';
import type { Config } from '../../src/shared/config.ts';
import { type PriceTable, perMillion, perThousand, type Rates } from '../../src/shared/prices.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig, testModel } from '../helpers/test-config.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

const flat = (rates: Rates): PriceTable => ({ periods: [{ rates }] });
const cheap = flat({ input: perMillion(0.5), output: perMillion(2) });
const dear = flat({ input: perMillion(10), output: perMillion(40) });

const messages = [{ role: 'user', content: 'word '.repeat(400) }];
const INPUT = 500;
const OUTPUT = 1_000;

/** By dialect: what a client asks, and whose fake provider speaks it. */
const dialects = {
  'openai-chat': { path: '/v1/chat/completions', body: { messages }, mock: 'openai' },
  'openai-responses': { path: '/v1/responses', body: { input: 'word '.repeat(400) }, mock: 'openai' },
  'anthropic-messages': { path: '/v1/messages', body: { messages, max_tokens: 9_000 }, mock: 'anthropic' },
  'openai-completions': { path: '/v1/completions', body: { prompt: 'word '.repeat(400) }, mock: 'openai' },
} as const;

/** What each answer has cost, by provider, in nano-dollars. */
function costs({ events }: RunningPlane): [provider: string, nanoUsd: number | null][] {
  return events.flatMap((event) => (event.type === 'tokens' ? [[event.provider, event.nanoUsd]] : []));
}

async function post(url: string, body: object): Promise<string> {
  const answer = await fetch(url, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(body) });
  return answer.text();
}

/** A chat completion of a provider of its own. */
function completion(usage: object, more: object = {}) {
  return JSON.stringify({
    ...{ id: 'c', object: 'chat.completion', created: 1, model: 'gpt-4', ...more },
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
    usage,
  });
}

describe('the cost of an answer', () => {
  const { provider, start, close } = planeFixture();
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    await close();
    for (const end of closing.splice(0)) await end();
  });

  async function begin(config: Config, priceOf: (provider: string, model: string) => Promise<PriceTable | null>) {
    const plane = await startPlane(config, { adminPort: 0, priceOf });
    closing.unshift(() => plane.close());
    return plane;
  }

  for (const [name, { path, body, mock: kind }] of Object.entries(dialects)) {
    it(`is counted in whole nano-dollars, whole and streamed: ${name}`, async () => {
      const mock = await startMock({ dialect: kind, port: 0 });
      closing.push(() => mock.close());
      mock.control.setShape({ contentBytes: 4 * OUTPUT, chunks: 10 });
      const base = testConfig({ openai: mock.port, anthropic: mock.port, dialects: { [kind]: [name] } });
      const targets = base.models['gpt-4']?.targets.filter((target) => target.provider === kind) ?? [];
      const plane = await begin({ ...base, models: { 'gpt-4': testModel('gpt-4', targets) } }, async () => cheap);
      for (const stream of [false, true]) await post(plane.url + path, { model: 'gpt-4', stream, ...body });
      const nano = INPUT * 500 + OUTPUT * 2_000;
      expect(costs(plane)).to.deep.equal([
        [kind, nano],
        [kind, nano],
      ]);
    });
  }

  it('is that of the provider which answered, after one that failed', async () => {
    const failing = await provider((_incoming, outgoing) => outgoing.writeHead(500).end('{}'));
    const mock = await startMock({ dialect: 'anthropic', port: 0 });
    closing.push(() => mock.close());
    const config = testConfig({ openai: failing, anthropic: mock.port, retry: { attempts: 1 } });
    const plane = await begin(config, async (name) => (name === 'anthropic' ? dear : cheap));
    await (await plane.ask()).text();
    const [[name = '', nanoUsd = null] = []] = costs(plane);
    const { input = 0, output = 0 } =
      plane.events.flatMap((event) => (event.type === 'tokens' ? event.counts : []))[0] ?? {};
    expect([name, nanoUsd]).to.deep.equal(['anthropic', input * 10_000 + output * 40_000]);
  });

  it('is the configured one of the target, whatever else is known', async () => {
    const port = await provider((_incoming, outgoing) =>
      outgoing.end(completion({ prompt_tokens: 10, completion_tokens: 5 })),
    );
    const base = testConfig({ openai: port });
    const targets = base.models['gpt-4']?.targets.map((target) => ({ ...target, price: dear })) ?? [];
    const plane = await begin({ ...base, models: { 'gpt-4': testModel('gpt-4', targets) } }, async () => cheap);
    await (await plane.ask()).text();
    expect(costs(plane)).to.deep.equal([['openai', 300_000]]);
  });

  it('is unknown, and not zero, where no price is known', async () => {
    const port = await provider((_incoming, outgoing) =>
      outgoing.end(completion({ prompt_tokens: 10, completion_tokens: 5 })),
    );
    const plane = await start({ openai: port });
    await (await plane.ask()).text();
    expect(costs(plane)).to.deep.equal([['openai', null]]);
  });

  it('follows the tier that served it, cached tokens, and tools', async () => {
    const port = await provider((_incoming, outgoing) => {
      const usage = { prompt_tokens: 1_000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 600 } };
      outgoing.end(completion(usage, { service_tier: 'priority' }));
    });
    const rates = { input: perMillion(1), output: perMillion(4), cache_read: perMillion(0.1), request: perThousand(1) };
    const table: PriceTable = {
      periods: [{ rates: { input: 1, output: 1 } }],
      tiers: { priority: { rates } },
    };
    const plane = await begin(testConfig({ openai: port }), async () => table);
    await (await plane.ask()).text();
    expect(costs(plane)).to.deep.equal([['openai', 400_000 + 60_000 + 40_000 + 1_000_000]]);
  });

  it('follows the place that Anthropic says it was served in, whole and streamed', async () => {
    const usage = { input_tokens: 1_000, output_tokens: 100, inference_geo: 'us' };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], usage };
    const events = [
      { type: 'message_start', message: { ...message, usage: { ...usage, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 100 } },
      { type: 'message_stop' },
    ];
    const whole = { ...message, content: [{ type: 'text', text: 'Hi.' }], stop_reason: 'end_turn' };
    let isStreamed = false;
    const port = await provider((_incoming, outgoing) => {
      if (!isStreamed) return outgoing.writeHead(200, jsonHeaders).end(JSON.stringify(whole));
      const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
      return outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
    });
    const base = testConfig({ openai: port, anthropic: port });
    const targets = base.models['gpt-4']?.targets.filter((target) => target.provider === 'anthropic') ?? [];
    const config = { ...base, models: { 'gpt-4': testModel('gpt-4', targets) } };
    const plane = await begin(config, async () => ({ ...dear, percentInUs: 110 }));
    for (isStreamed of [false, true]) await (await plane.ask({ stream: isStreamed })).text();
    const nano = 1_000 * 11_000 + 100 * 44_000;
    expect(costs(plane)).to.deep.equal([
      ['anthropic', nano],
      ['anthropic', nano],
    ]);
  });

  it('is asked for once where a pattern stands for the name, however many requests name it', async () => {
    const port = await provider((_incoming, outgoing) =>
      outgoing.end(completion({ prompt_tokens: 10, completion_tokens: 5 })),
    );
    const base = testConfig({ openai: port, model: '*' });
    const model = testModel('any/*', base.models['gpt-4']?.targets ?? []);
    const asked: string[] = [];
    const plane = await begin({ ...base, models: { 'any/*': model }, patterns: ['any/*'] }, async (_provider, name) => {
      asked.push(name);
      return name === 'a' ? cheap : null;
    });
    const ask = (name: string) => plane.ask({ model: name });
    for (const name of ['any/a', 'any/b', 'any/a', 'any/a', 'any/b']) await (await ask(name)).text();
    expect(asked).to.deep.equal(['a', 'b']);
    expect(costs(plane).map(([, nanoUsd]) => nanoUsd)).to.deep.equal([15_000, null, 15_000, 15_000, null]);
  });

  it('is awaited for a moment at the end of an answer, and never longer', async () => {
    const port = await provider((_incoming, outgoing) =>
      outgoing.end(completion({ prompt_tokens: 10, completion_tokens: 5 })),
    );
    const late = Promise.withResolvers<PriceTable | null>();
    const plane = await begin(testConfig({ openai: port }), () => late.promise);
    await (await plane.ask()).text();
    await (await plane.ask()).text();
    expect(costs(plane)).to.deep.equal([
      ['openai', null],
      ['openai', null],
    ]);
    late.resolve(cheap);
    await (await plane.ask()).text();
    expect(costs(plane)[2]).to.deep.equal(['openai', 15_000]);
  });
});
