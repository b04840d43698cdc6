/**
 * The timeout and the number of the retry that official SDKs send with each request. Providers move the gateway's clock when
 * they are asked.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import OpenAI from 'openai';
import { ManualClock } from '../helpers/manual-clock.ts';
import { contentEvent, errorOf, jsonHeaders, plainAnswer, planeFixture, stepping } from './plane-fixture.ts';

const withHeaders = (headers: Record<string, string>) => ({ headers: { ...jsonHeaders, ...headers } });
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';

describe("the client's own deadline", () => {
  const { mock, provider, start, close } = planeFixture();
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
  });
  afterEach(close);

  /** A provider that lets so much time pass, and never answers. */
  const hangs = (milliseconds: number) => provider(() => clock.advance(milliseconds));

  it('is answered a little before, as an error of the client, and blames no provider', async () => {
    const { ask, count, logged } = await start({ openai: await hangs(540) }, { clock });
    for (const name of ['x-stainless-timeout', 'x-stainless-read-timeout']) {
      const response = await ask({}, withHeaders({ [name]: '0.6' }));
      expect(JSON.parse(logged.at(-1) ?? '').durationMs, name).to.equal(540);
      expect([response.status, response.headers.get('x-should-retry')], name).to.deep.equal([504, 'false']);
      expect((await errorOf(response)).code, name).to.equal('client_deadline');
    }
    expect(count({ type: 'attempt-ended', outcome: 'timeout_total', verdict: 'neutral' })).to.equal(2);
    expect(count({ type: 'request-ended', code: 'client_deadline' })).to.equal(2);
    expect(JSON.parse(logged[0] ?? '')).to.include({ owner: 'client', code: 'client_deadline' });
  });

  it('leaves the official SDKs time to read why', async () => {
    const { url } = await start({ openai: await hangs(3_000) }, { clock });
    const options = { apiKey: 'any', maxRetries: 0, timeout: 3_000 };
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    const openai = new OpenAI({ ...options, baseURL: `${url}/v1` });
    const asked = openai.chat.completions.create({ model: 'gpt-4', messages }, { timeout: 3_000 });
    const anthropic = new Anthropic({ ...options, baseURL: url });
    const both = [asked, anthropic.messages.create({ model: 'gpt-4', max_tokens: 9, messages })];
    const errors = await Promise.all(both.map((one) => one.catch((error: Error) => error)));
    for (const error of errors) expect(error).to.include({ status: 504 });
  });

  it('is ignored where it is no time', async () => {
    const slow = await provider((_request, response) => {
      clock.advance(2_000);
      response.writeHead(200, jsonHeaders).end(plainAnswer);
    });
    const { ask } = await start({ openai: slow }, { clock });
    for (const value of ['0', '-1', '1e-9', 'soon', '', '0.001, 0.001', '9'.repeat(400)]) {
      expect((await ask({}, withHeaders({ 'x-stainless-timeout': value }))).status, value).to.equal(200);
    }
  });

  it("leaves the gateway's own deadline the provider's failure where that is not later", async () => {
    const { ask, count } = await start({ openai: await hangs(500), timeouts: { totalMs: 500 } }, { clock });
    const response = await ask({}, withHeaders({ 'x-stainless-timeout': '0.5' }));
    expect((await errorOf(response)).code).to.equal('provider_timeout');
    expect(count({ type: 'attempt-ended', outcome: 'timeout_total', verdict: 'failure' })).to.equal(1);
  });

  it('ends a wait before it begins that would be longer', async () => {
    const openai = await mock('openai');
    openai.control.setFault({ kind: 'status', status: 429, retryAfter: 8, times: 1 });
    // No time passes.
    const { ask } = await start({ openai: openai.port }, { clock });
    expect((await ask({}, withHeaders({ 'x-stainless-timeout': '5' }))).status).to.equal(429);
  });

  it('leaves half of its time to another target, and the first one is not blamed for it', async () => {
    const anthropic = await mock('anthropic');
    const { ask, count } = await start({ openai: await hangs(500), anthropic: anthropic.port }, { clock });
    const response = await ask({}, withHeaders({ 'x-stainless-timeout': '1' }));
    expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'anthropic']);
    expect(count({ type: 'attempt-ended', provider: 'openai', verdict: 'neutral' })).to.equal(1);
  });

  it('leaves half of its time to another target for a stream, too', async () => {
    const anthropic = await mock('anthropic');
    const { ask, count } = await start({ openai: await hangs(500), anthropic: anthropic.port }, { clock });
    const response = await ask({ stream: true }, withHeaders({ 'x-stainless-timeout': '1' }));
    expect([response.status, response.headers.get('x-headgate-provider')]).to.deep.equal([200, 'anthropic']);
    expect(await response.text()).to.include('[DONE]');
    expect(count({ type: 'attempt-ended', provider: 'openai', verdict: 'neutral' })).to.equal(1);
  });

  it('is over for a stream once its head is sent', async () => {
    const head = Promise.withResolvers<void>();
    const pass = (milliseconds: number) => () => clock.advance(milliseconds);
    const opening = [': ping\n\n', pass(1_000), ': ping\n\n', () => head.promise];
    const port = await provider(stepping(...opening, pass(1_200), contentEvent + finish));
    const { ask } = await start({ openai: port }, { clock });
    const response = await ask({ stream: true }, withHeaders({ 'x-stainless-timeout': '2' }));
    head.resolve();
    expect([response.status, (await response.text()).includes(contentEvent)]).to.deep.equal([200, true]);
  });

  it('ends a stream before its head is sent', async () => {
    const { ask } = await start({ openai: await hangs(300) }, { clock });
    const response = await ask({ stream: true }, withHeaders({ 'x-stainless-timeout': '0.3' }));
    expect([response.status, (await errorOf(response)).code]).to.deep.equal([504, 'client_deadline']);
  });
});

describe("a client's own retries", () => {
  const { mock, start, close } = planeFixture();
  afterEach(close);

  it('are counted, of clients with a key', async () => {
    const openai = await mock('openai');
    const { ask, count } = await start({ openai: openai.port, server: { keys: ['key-of-client'] } });
    const authorization = 'Bearer key-of-client';
    for (const value of ['0', '1', '2', 'many']) {
      await ask({}, withHeaders({ authorization, 'x-stainless-retry-count': value }));
    }
    await ask({}, withHeaders({ 'x-stainless-retry-count': '1' }));
    expect(count({ type: 'client-retry' })).to.equal(2);
  });
});
