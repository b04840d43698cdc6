/**
 * Innocent events harm nobody: what one caller causes, what one model lacks and what is meant to be empty opens no circuit,
 * excludes no key, and is paid once. Real sockets all the way; the providers answer byte by byte as real ones did.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { AttemptEnded } from '../../src/shared/events.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { testConfig } from '../helpers/test-config.ts';

/** What a fake provider answers to a request's body. */
type Answer = (body: Readonly<Record<string, unknown>>) => {
  status?: number;
  type?: string;
  headers?: object;
  text: string;
  /** The connection is closed after the text, where more was announced. */
  broken?: boolean;
};

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
        headers = {},
        text,
        broken = false,
      } = this.answer(JSON.parse(Buffer.concat(chunks).toString()));
      outgoing.writeHead(status, { 'content-type': type, 'x-request-id': `up-${this.requests}`, ...headers });
      if (broken) outgoing.write(text, () => outgoing.destroy());
      else outgoing.end(text);
    });
  });

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this.port;
  }

  get port(): number {
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
  const attempts = () => plane.events.filter((event): event is AttemptEnded => event.type === 'attempt-ended');
  const ofKey = () => attempts().map(({ keyVerdict }) => keyVerdict);
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
    expect([failures(), cooldowns(), ofKey()]).to.deep.equal([0, 0, [undefined, undefined]]);
  });

  it('a worker reports 403s that say nothing, by their requests, and excludes no key because of them', async () => {
    await alone();
    first.answer = () => error(403, 'Forbidden');
    for (let round = 0; round < 12; round += 1) {
      expect((await text({ user: `caller-${Math.min(round, 9)}` })).status).to.equal(403);
    }
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
    expect(ofKey()).to.deep.equal(Array(12).fill('failure'));
    expect(new Set(attempts().map(({ body }) => body)).size).to.equal(10);
  });

  for (const [what, answer, judgedOnce] of [
    [
      'the page of a firewall',
      { status: 403, type: 'text/html', text: '<html>Sorry, you have been blocked</html>' },
      false,
    ],
    ['a file that is gone', error(403, 'You do not have permission to access the File abc or it may not exist.'), true],
  ] as const) {
    it(`a 403 that is ${what} never excludes the key, however many get it`, async () => {
      await pair();
      first.answer = () => answer;
      second.answer = () => answer;
      for (let round = 0; round < 8; round += 1) {
        expect((await text({ user: `caller-${round}` })).status).to.equal(403);
      }
      expect([first.requests, second.requests, cooldowns()]).to.deep.equal([8, judgedOnce ? 0 : 8, 0]);
    });
  }

  it('a status that only an accepted key gets is reported as such', async () => {
    await alone();
    first.answer = () => error(422, 'no such tool');
    await text();
    first.answer = () => error(503, 'overloaded');
    await text();
    expect(ofKey()).to.deep.equal(['success', ...Array(attempts().length - 1).fill(undefined)]);
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

  it("a prompt that is too long is the caller's error in a field of its own, behind another dialect too", async () => {
    await pair();
    first.answer = () => streamed(`error: {"code":400,"message":"exceeds the context size"}\n\n${done}`);
    for (const path of ['/v1/messages', '/v1/responses']) {
      const fields = {
        model: 'gpt-4',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'Hi' }],
        input: 'Hi',
        stream: true,
      };
      const headers = { 'content-type': 'application/json' };
      const refused = await fetch(plane.url + path, { method: 'POST', headers, body: JSON.stringify(fields) });
      expect([refused.status, refused.headers.get('x-should-retry')], path).to.deep.equal([400, 'false']);
      expect(await refused.text()).to.include('exceeds the context size');
    }
    expect([first.requests, second.requests, failures(), cooldowns()]).to.deep.equal([2, 0, 0, 0]);
  });

  for (const [what, message] of [
    ['an image for a model without eyes', 'image input is not supported by this server'],
    ['a template that raises', 'Error: Jinja Exception: roles must alternate user and assistant'],
    ['a context that is used up', 'context shift is disabled'],
    ['a filtered prompt', "AzureException - filtered due to Azure OpenAI's content management policy."],
  ] as const) {
    for (const form of ['plain', 'in a 200'] as const) {
      it(`a 500 about ${what} is the caller's error, with its own words, and harms nobody (${form})`, async () => {
        await pair();
        const inBand = `data: ${JSON.stringify({ error: { code: 500, message, type: 'server_error' } })}\n\n`;
        first.answer = () => (form === 'plain' ? error(500, message, { code: 500 }) : streamed(inBand));
        for (let round = 0; round < 6; round += 1) {
          const refused = await text({ stream: form !== 'plain', user: `caller-${round}` });
          expect([refused.status, refused.headers.get('x-should-retry')]).to.deep.equal([400, 'false']);
          expect(refused.text).to.include(message);
        }
        expect([first.requests, second.requests, failures(), cooldowns()]).to.deep.equal([6, 0, 0, 0]);
        expect(JSON.parse(plane.logged.at(-1) ?? '{}').owner).to.equal('client');
      });
    }
  }

  it('a 429 that this request alone exceeds is final for it, and cools nothing down', async () => {
    await pair();
    first.answer = () => error(429, 'Request too large for gpt-4o: Limit 30000, Requested 342389.', { type: 'tokens' });
    const refused = await text();
    expect([refused.status, refused.headers.get('x-should-retry')]).to.deep.equal([429, 'false']);
    expect([first.requests, second.requests, cooldowns()]).to.deep.equal([1, 0, 0]);
  });

  it('a 429 for a prompt of a length that the account may not send is final for it, and cools nothing down', async () => {
    await pair();
    first.answer = () => error(429, 'Extra usage is required for long context requests.', { type: 'rate_limit_error' });
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

  for (const [what, code, more] of [
    ['about one model', 'model_unavailable', { message: 'Model gpt-4 is not supported', type: 'ModelError' }],
    [
      'of a provider behind a broker',
      'provider_error',
      { message: 'Provider returned error', code: 401, metadata: { raw: 'invalid x-api-key', provider_name: 'X' } },
    ],
    [
      'about money',
      'rate_limited',
      { message: 'Insufficient balance. Manage your billing here', type: 'CreditsError' },
    ],
  ] as const) {
    it(`a 401 ${what} fails over and leaves the key in use`, async () => {
      await pair();
      first.answer = () => error(401, more.message, more);
      expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
      expect(plane.count({ type: 'cooldown-started', reason: 'auth' })).to.equal(0);
      second.answer = first.answer;
      expect((await text()).text).to.include(code);
    });
  }

  for (const [status, message, more] of [
    [400, 'You have reached your specified API usage limits.', {}],
    [400, 'User location is not supported for the API use.', { code: 400, status: 'FAILED_PRECONDITION' }],
    [403, 'user quota is not enough', { code: 'insufficient_user_quota' }],
  ] as const) {
    it(`the operator's account as a ${status} fails over, cools that target down and blames no client: ${message}`, async () => {
      await pair();
      first.answer = () => error(status, message, more);
      for (let round = 0; round < 2; round += 1) {
        expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
      }
      expect([first.requests, failures()]).to.deep.equal([1, 0]);
      expect(plane.count({ type: 'cooldown-started', reason: 'quota', model: 'gpt-4' })).to.equal(1);
    });
  }

  it('a model that is gone in the words of a 400 fails over and cools that target down', async () => {
    await pair();
    first.answer = () => error(400, 'vendor/gpt-4 is not a valid model ID', { code: 400 });
    for (let round = 0; round < 2; round += 1) {
      expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    }
    expect(first.requests).to.equal(1);
    expect(plane.count({ type: 'cooldown-started', reason: 'model', model: 'gpt-4' })).to.equal(1);
  });

  it('a 404 without JSON is the configuration of the gateway: it fails over and blames no client', async () => {
    await pair();
    first.answer = () => ({ status: 404, type: 'text/plain', text: '404 page not found' });
    expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    second.answer = first.answer;
    const { status, text: body } = await text();
    expect(status).to.equal(502);
    expect(JSON.parse(body).error).to.deep.include({ code: 'provider_address' });
    expect(JSON.parse(plane.logged.at(-1) ?? '{}').owner).to.equal('gateway');
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
  });

  it('a tier without capacity fails over and cools nothing down, since a client may have asked for it', async () => {
    await pair();
    first.answer = () => error(498, 'Flex tier capacity exceeded', { code: 'capacity_exceeded' });
    expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    expect([failures(), cooldowns()]).to.deep.equal([0, 0]);
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
        { stream: true, stream_options: { include_usage: true } },
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

  describe('an answer whose call its provider threw away', () => {
    const usage = { prompt_tokens: 31, completion_tokens: 20, total_tokens: 51 };
    const reason = 'function_call_filter: MALFORMED_FUNCTION_CALL';
    const malformed: Answer = ({ stream }) =>
      stream === true
        ? streamed(chunk({ role: 'assistant' }) + chunk({}, reason) + chunk({}, null, { choices: [], usage }) + done)
        : { text: completion({ content: null }, reason, usage) };

    for (const stream of [false, true]) {
      it(`moves on once, harms no circuit, and its tokens are counted (${stream ? 'streamed' : 'plain'})`, async () => {
        await pair();
        first.answer = malformed;
        const answered = await text({ stream, stream_options: stream ? { include_usage: true } : undefined });
        expect([answered.status, answered.headers.get('x-headgate-provider')]).to.deep.equal([200, 'other']);
        expect([first.requests, second.requests, failures()]).to.deep.equal([1, 1, 0]);
        const counts = plane.events.flatMap((event) =>
          event.type === 'tokens' && event.provider === 'openai' ? event.counts : [],
        );
        expect(counts).to.deep.equal([{ input: 31, output: 20 }]);
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

  it('takes an answer with a head of 40 KB; one of 80 KB is paid once at each target and opens no circuit', async () => {
    await pair();
    const withHead = (kilobytes: number): Answer => {
      const headers = {
        'set-cookie': Array.from({ length: kilobytes }, (_, index) => `c${index}=${'a'.repeat(1000)}`),
      };
      return (body) => ({ ...fine(body), headers });
    };
    first.answer = withHead(40);
    expect((await text()).status).to.equal(200);
    first.answer = withHead(80);
    expect((await text()).headers.get('x-headgate-provider')).to.equal('other');
    second.answer = withHead(80);
    expect((await text()).status).to.equal(502);
    expect([first.requests, second.requests, failures()]).to.deep.equal([3, 2, 0]);
  });

  it('does not buy an answer again that is over 64 MiB', async () => {
    await pair();
    first.answer = () => ({ text: `{"choices":"${'a'.repeat(65 * 1024 * 1024)}"}` });
    expect((await text()).status).to.equal(502);
    expect([first.requests, second.requests, failures()]).to.deep.equal([1, 0, 0]);
  });

  it('an event that is sound, but whose tree would be too large, is of a form that is not taken', async () => {
    await alone();
    const logprobs = { content: Array.from({ length: 30_000 }, () => ({ token: 'x', logprob: -1, top_logprobs: [] })) };
    first.answer = () => streamed(chunk({ content: 'x' }, 'stop', { logprobs }) + done);
    for (let round = 0; round < 2; round += 1) expect((await text({ stream: true })).status).to.equal(502);
    expect(failures()).to.equal(0);
  });

  for (const [what, stream, answer] of [
    ['lines of JSON for a stream', true, { text: '{"message":{"content":"a"}}\n{"done":true}\n' }],
    ['an array of a completion', false, { text: `[${completion({ content: 'hello' }, 'stop')}]` }],
    ['an answer without choices', false, { text: JSON.stringify({ model: 'm', usage: { prompt_tokens: 1 } }) }],
  ] as const) {
    it(`${what} is paid once at each of two targets, and opens no circuit`, async () => {
      await pair();
      first.answer = () => answer;
      second.answer = () => answer;
      for (let round = 0; round < 6; round += 1)
        expect((await text({ stream, user: `${round}` })).status).to.equal(502);
      expect([first.requests, second.requests, failures()]).to.deep.equal([6, 6, 0]);
    });
  }

  for (const [what, answer] of [
    ['begins with a byte order mark', { text: `\uFEFF${completion({ content: 'hello' }, 'stop')}` }],
    ['is whole when the connection breaks', { text: completion({ content: 'hello' }, 'stop'), broken: true }],
    [
      'counts only reasoning tokens',
      {
        text: completion({ content: '' }, 'stop', {
          prompt_tokens: 9,
          completion_tokens: 0,
          completion_tokens_details: { reasoning_tokens: 50 },
        }),
      },
    ],
    [
      'counts in the words of another dialect',
      { text: completion({ content: '' }, 'stop', { input_tokens: 9, output_tokens: 5 }) },
    ],
  ] as const) {
    it(`an answer that ${what} is an answer, paid once`, async () => {
      await alone();
      first.answer = () => answer;
      const answered = await text();
      expect([answered.status, first.requests, failures()]).to.deep.equal([200, 1, 0]);
      expect(JSON.parse(answered.text).object).to.equal('chat.completion');
    });
  }

  it('an error of the caller inside a choice, or beside its code alone, goes back with its text, paid once', async () => {
    await alone();
    const inner = {
      error: { code: 400, message: 'tools are malformed' },
      index: 0,
      finish_reason: 'error',
      message: {},
    };
    for (const body of [{ choices: [inner] }, { code: 400, message: 'tools are malformed' }]) {
      first.answer = () => ({ text: JSON.stringify(body) });
      const before = first.requests;
      const answered = await text();
      expect([answered.status, first.requests - before, failures()]).to.deep.equal([400, 1, 0]);
      expect(answered.text).to.include('tools are malformed');
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
    for (let round = 0; round < 11; round += 1) {
      expect((await text()).status).to.equal(200);
    }
    expect(first.requests).to.equal(22);
    expect(second.requests).to.equal(11);
  });
});
