/**
 * Innocent events harm nobody: what one caller causes, what one model lacks and what is meant to be empty opens no circuit,
 * excludes no key, and is paid once. Real sockets all the way; the providers answer byte by byte as real ones did.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

/** What a fake provider answers to a request's body. */
type Answer = (body: Readonly<Record<string, unknown>>) => { status?: number; type?: string; text: string };

const completion = (message: object, finish: string | null, usage: object | null = null) =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
    ...(usage === null ? {} : { usage }),
  });
const chunk = (delta: object, finish: string | null = null, more: object = {}) => {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })}\n\n`;
};
const done = 'data: [DONE]\n\n';
const error = (status: number, message: string, more: object = {}) => ({
  status,
  text: JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null, ...more } }),
});
const fine: Answer = ({ stream }) =>
  stream === true
    ? { type: 'text/event-stream', text: chunk({ content: 'hello' }) + chunk({}, 'stop') + done }
    : { text: completion({ content: 'hello' }, 'stop') };
const streamed = (text: string) => ({ type: 'text/event-stream', text });

class RawProvider {
  answer: Answer = fine;
  requests = 0;
  readonly #server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => chunks.push(piece));
    incoming.on('end', () => {
      this.requests += 1;
      const {
        status = 200,
        type = 'application/json',
        text,
      } = this.answer(JSON.parse(Buffer.concat(chunks).toString()));
      outgoing.writeHead(status, { 'content-type': type, 'x-request-id': `up-${this.requests}` }).end(text);
    });
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('a failure is charged to who caused it', () => {
  let first: RawProvider;
  let second: RawProvider;
  let plane: RunningPlane;
  const text = async (body: object = {}) => {
    const response = await plane.ask({ ...body });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  const failures = () => plane.count({ type: 'attempt-ended', verdict: 'failure' });
  const cooldowns = () => plane.count({ type: 'cooldown-started' });
  const alone = async () => {
    plane = await startPlane(testConfig({ openai: await first.listen() }));
  };
  const pair = async () => {
    const config = testConfig({ openai: await first.listen() });
    const { openai } = config.providers;
    const model = config.models['gpt-4'];
    if (openai === undefined || model?.targets[0] === undefined) throw new Error('the configuration has another form');
    const other = { ...openai, name: 'other', baseUrl: `http://127.0.0.1:${await second.listen()}/v1` };
    const targets = [model.targets[0], { ...model.targets[0], provider: 'other' }];
    plane = await startPlane({
      ...config,
      providers: { openai, other },
      models: { 'gpt-4': { ...model, targets } },
    });
  };

  beforeEach(() => {
    first = new RawProvider();
    second = new RawProvider();
  });
  afterEach(async () => {
    await plane.close();
    await Promise.all([first.close(), second.close()]);
  });

  it('a flagged prompt goes back at once with its own words, and the next caller is served', async () => {
    await pair();
    first.answer = () => error(403, 'Your input was flagged', { code: 403, metadata: { reasons: ['violence'] } });
    const flagged = await text();
    expect(flagged.status).to.equal(403);
    expect(flagged.text).to.include('Your input was flagged');
    first.answer = fine;
    expect((await text()).status).to.equal(200);
    expect([first.requests, second.requests, failures(), cooldowns()]).to.deep.equal([2, 0, 0, 0]);
  });

  it('a 403 that says nothing, such as the page of a firewall, fails over and excludes nobody', async () => {
    await pair();
    first.answer = () => ({ status: 403, type: 'text/html', text: '<html>Attention required</html>' });
    const blocked = await text();
    expect([blocked.status, blocked.headers.get('x-headgate-provider')]).to.deep.equal([200, 'other']);
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
  });

  it('a 403 that many different requests in a row get excludes the key; one that is repeated does not', async () => {
    await alone();
    first.answer = () => error(403, 'Forbidden');
    for (let round = 0; round < 10; round += 1) expect((await text()).status).to.equal(403);
    expect(cooldowns()).to.equal(0);
    for (let round = 0; round < 5; round += 1) await text({ user: `caller-${round}` });
    expect(plane.count({ type: 'cooldown-started', reason: 'auth' })).to.equal(1);
    expect((await text()).status).to.equal(502);
  });

  it('a success between 403s keeps the key in use', async () => {
    await alone();
    for (let round = 0; round < 12; round += 1) {
      first.answer = round % 3 === 2 ? fine : () => error(403, 'Forbidden');
      await text({ user: `caller-${round}` });
    }
    expect(cooldowns()).to.equal(0);
  });

  for (const [what, form] of [
    ['a 500 with its type', () => error(500, 'cannot', { type: 'exceed_context_size_error', code: 500 })],
    ['a field of its own in the stream', () => streamed(`error: {"code":400,"message":"context size"}\n\n${done}`)],
    ['a 400 inside a 200', () => streamed('data: {"error":{"code":400,"message":"context size"}}\n\n')],
    ['a 500 inside a 200', () => streamed('data: {"error":{"code":500,"message":"exceeds the context size"}}\n\n')],
    ['a validation error inside a 200', () => streamed('data: {"error":"context size","error_type":"validation"}\n\n')],
  ] as const) {
    it(`a prompt that is too long is the caller's error, also as ${what}`, async () => {
      await pair();
      first.answer = form;
      const refused = await text({ stream: true });
      expect(refused.status).to.be.within(400, 499);
      expect(refused.headers.get('x-should-retry')).to.equal('false');
      expect([first.requests, second.requests, failures(), cooldowns()]).to.deep.equal([1, 0, 0, 0]);
    });
  }

  it('a 429 that this request alone exceeds is final for it, and cools nothing down', async () => {
    await pair();
    first.answer = () => error(429, 'Request too large for gpt-4o: Limit 30000, Requested 342389.', { type: 'tokens' });
    const refused = await text();
    expect([refused.status, refused.headers.get('x-should-retry')]).to.deep.equal([429, 'false']);
    expect([first.requests, second.requests, cooldowns()]).to.deep.equal([1, 0, 0]);
  });

  it('a 402 for more than the credit that is left concerns this request alone, which may go elsewhere', async () => {
    await pair();
    const message = 'You requested up to 1000000 tokens, but can only afford 30104.';
    first.answer = () =>
      error(402, `This request requires more credits, or fewer max_tokens. ${message}`, { code: 402 });
    expect((await text({ max_tokens: 1_000_000 })).headers.get('x-headgate-provider')).to.equal('other');
    first.answer = fine;
    expect((await text()).headers.get('x-headgate-provider')).to.equal('openai');
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
  });

  it('a 402 without any credit left is an exhausted quota', async () => {
    await pair();
    first.answer = () => error(402, 'You requested up to 100 tokens, but can only afford 0.', { code: 402 });
    await text();
    expect(plane.count({ type: 'cooldown-started', reason: 'quota' })).to.equal(1);
  });

  it('an empty answer that a client can order (stop at the first token) opens no circuit, however often', async () => {
    await alone();
    first.answer = ({ stream }) =>
      stream === true ? streamed(chunk({ content: '' }, 'stop') + done) : { text: completion({ content: '' }, 'stop') };
    for (let round = 0; round < 20; round += 1) {
      expect((await text({ stream: round % 2 === 0, logit_bias: { 50256: 100 } })).status).to.equal(200);
    }
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
  });

  it('a model that the provider no longer serves fails over and cools that target down', async () => {
    await pair();
    first.answer = () => error(404, 'The model `gpt-4` has been deprecated', { code: 'model_not_found' });
    expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    expect([first.requests, failures()]).to.deep.equal([1, 0]);
    expect(plane.count({ type: 'cooldown-started', reason: 'model', model: 'gpt-4' })).to.equal(1);
  });

  it('a model that no provider serves is a 502 that names it, while it cools down too', async () => {
    await alone();
    first.answer = () => error(404, 'The model `gpt-4` does not exist', { code: 'model_not_found' });
    for (let round = 0; round < 2; round += 1) {
      const { status, text: body } = await text();
      expect([status, JSON.parse(body).error.code]).to.deep.equal([502, 'model_unavailable']);
    }
    expect(first.requests).to.equal(1);
  });

  describe('answers that are meant to be empty', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const forms: readonly (readonly [string, Answer, object?])[] = [
      ['a finish reason of another dialect', () => ({ text: completion({ content: null }, 'SAFETY') })],
      ['a stop with output tokens', () => ({ text: completion({ content: '' }, 'stop', usage) })],
      [
        'a stop where stop sequences were named',
        () => ({ text: completion({ content: '' }, 'stop') }),
        { stop: ['x'] },
      ],
      ['annotations only', () => ({ text: completion({ content: '', annotations: [{ type: 'file' }] }, 'stop') })],
      [
        'a streamed reason',
        () => streamed(chunk({ role: 'assistant' }, 'PROHIBITED_CONTENT') + done),
        { stream: true },
      ],
      [
        'a streamed stop with usage after it',
        () =>
          streamed(chunk({ role: 'assistant' }) + chunk({}, 'stop') + chunk({}, null, { choices: [], usage }) + done),
        { stream: true },
      ],
    ];
    for (const [what, answer, body = {}] of forms) {
      it(`are answered once with 200: ${what}`, async () => {
        await pair();
        first.answer = answer;
        const { status, text: sent } = await text(body);
        expect([status, first.requests, second.requests, failures()]).to.deep.equal([200, 1, 0, 0]);
        expect(sent).to.equal(answer({}).text);
      });
    }
  });

  describe('an answer that nothing explains', () => {
    const empty: Answer = ({ stream }) =>
      stream === true ? streamed(chunk({ role: 'assistant' }) + done) : { text: completion({ content: '' }, 'stop') };

    for (const stream of [false, true]) {
      const form = stream ? 'streamed' : 'plain';
      it(`moves on once, and harms no circuit (${form})`, async () => {
        await pair();
        first.answer = empty;
        const answered = await text({ stream });
        expect([answered.status, answered.headers.get('x-headgate-provider')]).to.deep.equal([200, 'other']);
        expect([first.requests, second.requests, failures()]).to.deep.equal([1, 1, 0]);
      });

      it(`goes back as it is when no target has a better one (${form})`, async () => {
        await pair();
        first.answer = empty;
        second.answer = empty;
        const answered = await text({ stream });
        expect([answered.status, answered.text]).to.deep.equal([200, empty({ stream }).text]);
        expect([first.requests, second.requests, failures()]).to.deep.equal([1, 1, 0]);
        expect(plane.count({ type: 'request-ended', status: 'success' })).to.equal(1);
      });

      it(`goes back although the next target failed (${form})`, async () => {
        await pair();
        first.answer = empty;
        second.answer = () => error(401, 'no');
        const answered = await text({ stream });
        expect([answered.status, answered.text]).to.deep.equal([200, empty({ stream }).text]);
        expect(answered.headers.get('x-headgate-provider')).to.equal('openai');
      });

      it(`names the provider and the id that it is from, not those of the target that failed after it (${form})`, async () => {
        await pair();
        second.requests = 10;
        first.answer = empty;
        second.answer = () => error(401, 'no');
        const answered = await text({ stream });
        expect(answered.headers.get('x-headgate-upstream-request-id')).to.equal('up-1');
        const line = JSON.parse(plane.logged.at(-1) ?? '{}');
        expect(line).to.include({ provider: 'openai', upstreamRequestId: 'up-1' });
      });
    }
  });

  it('names the owner in error body, metric event and log line, with the provider’s own request id', async () => {
    await alone();
    first.answer = () => error(500, 'broken');
    const { status, text: body, headers } = await text();
    const { headgate } = JSON.parse(body).error;
    expect(status).to.equal(502);
    expect(headgate).to.deep.include({ owner: 'provider', provider: 'openai' });
    expect(headgate.request_id).to.equal(headers.get('x-request-id'));
    expect(headgate.attempts).to.equal(headers.get('x-headgate-attempts'));
    expect(headers.get('x-headgate-upstream-request-id')).to.equal('up-3');
    expect(plane.count({ type: 'request-ended', code: 'provider_error' })).to.equal(1);
    const line = JSON.parse(plane.logged.at(-1) ?? '{}');
    expect(line).to.include({ level: 40, owner: 'provider', code: 'provider_error', upstreamModel: 'gpt-4' });
    expect(line.upstreamRequestId).to.equal('up-3');
  });

  it('names what lies behind a provider that cannot be reached', async () => {
    const port = await first.listen();
    plane = await startPlane(testConfig({ openai: port }));
    await first.close();
    await text();
    expect(JSON.parse(plane.logged.at(-1) ?? '{}')).to.include({ owner: 'provider', cause: 'ECONNREFUSED' });
    first = new RawProvider();
    await first.listen();
  });

  it('asks the next target after one quick retry while that can be used', async () => {
    await pair();
    first.answer = () => error(500, 'broken');
    const times: number[] = [];
    for (let round = 0; round < 11; round += 1) {
      const startedAt = performance.now();
      expect((await text()).status).to.equal(200);
      times.push(performance.now() - startedAt);
    }
    expect(first.requests).to.equal(22);
    expect(second.requests).to.equal(11);
  });
});
