/**
 * The results of OpenAI's official client at a gateway of four workers, for each fault of the fake provider: an answer,
 * or an error that shows the cause. An answer that was cut off never looks complete, and the client does not repeat a
 * request after the gateway has made all its attempts.
 */
import { expect } from 'chai';
import { after, afterEach, before, describe, it } from 'mocha';
import OpenAI, { APIError } from 'openai';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';

interface FaultCase {
  readonly fault: FaultInput;
  /** Limits of the first target, for faults about time. */
  readonly timeouts?: Readonly<Record<string, string>>;
  /** The result of a plain request: with that provider alone, and with `anthropic` as the next target. */
  readonly plain: readonly [alone: string, withNext: string];
  /** The result of a stream, in the same two cases. */
  readonly stream: readonly [alone: string, withNext: string];
}

const openai = 'the answer of openai';
const anthropic = 'the answer of anthropic';
const failed = 'InternalServerError 502 provider_error';
const unreachable = 'InternalServerError 502 provider_unreachable';
const cutOff = 'InternalServerError 502 provider_stream_cut';
const tooLate = 'InternalServerError 504 provider_timeout';
const invalid = 'BadRequestError 400 invalid_request_error';
const brokenByCut = 'APIError provider_stream_cut after some content';
const brokenByError = 'APIError provider_error after some content';
/** The provider's own type: it has sent no code. */
const brokenByServer = 'APIError server_error after some content';

const cases: readonly FaultCase[] = [
  { fault: { kind: 'status', status: 400 }, plain: [invalid, invalid], stream: [invalid, invalid] },
  { fault: { kind: 'status', status: 500 }, plain: [failed, anthropic], stream: [failed, anthropic] },
  { fault: { kind: 'status', status: 503 }, plain: [failed, anthropic], stream: [failed, anthropic] },
  {
    fault: { kind: 'hang' },
    timeouts: { headers: '250ms', total: '1s' },
    plain: [tooLate, anthropic],
    stream: [tooLate, anthropic],
  },
  { fault: { kind: 'reset' }, plain: [unreachable, anthropic], stream: [unreachable, anthropic] },
  { fault: { kind: 'slow-headers', ms: 100 }, plain: [openai, openai], stream: [openai, openai] },
  {
    fault: { kind: 'slow-headers', ms: 60_000 },
    timeouts: { headers: '250ms', total: '1s' },
    plain: [tooLate, anthropic],
    stream: [tooLate, anthropic],
  },
  {
    fault: { kind: 'slow-first-content', ms: 60_000 },
    timeouts: { first_content: '250ms', total: '1s' },
    plain: [tooLate, anthropic],
    stream: [tooLate, anthropic],
  },
  {
    fault: { kind: 'stall', afterChunks: 2 },
    timeouts: { stall: '250ms', total: '1s' },
    plain: [tooLate, anthropic],
    stream: [brokenByCut, brokenByCut],
  },
  {
    fault: { kind: 'cut', afterChunks: 0 },
    plain: [failed, anthropic],
    stream: [cutOff, anthropic],
  },
  {
    fault: { kind: 'cut', afterChunks: 2 },
    plain: [failed, anthropic],
    stream: [brokenByCut, brokenByCut],
  },
  {
    fault: { kind: 'cut', afterChunks: 2, how: 'rst' },
    plain: [failed, anthropic],
    stream: [brokenByCut, brokenByCut],
  },
  { fault: { kind: 'bad-chunk', afterChunks: 0 }, plain: [failed, anthropic], stream: [failed, anthropic] },
  { fault: { kind: 'bad-chunk', afterChunks: 2 }, plain: [failed, anthropic], stream: [brokenByError, brokenByError] },
  { fault: { kind: 'error-in-stream', afterChunks: 0 }, plain: [failed, anthropic], stream: [failed, anthropic] },
  {
    fault: { kind: 'error-in-stream', afterChunks: 2 },
    plain: [failed, anthropic],
    stream: [brokenByServer, brokenByServer],
  },
  // Nothing explains the empty answer: it moves on once, and goes back as it is if no target has a better one.
  { fault: { kind: 'empty' }, plain: ['half an answer: ', anthropic], stream: ['half an answer: ', anthropic] },
  { fault: { kind: 'bad-json' }, plain: [failed, anthropic], stream: [failed, anthropic] },
];

const workers = 4;

let providers: ProviderPair;
let gateway: RunningGateway;

/** For each case two models: one target alone, and one with a next target. No circuit opens in these tests. */
function configOf(pair: ProviderPair) {
  const base = pairConfig(pair);
  const next = { provider: 'anthropic', model: 'claude-sonnet-4-5' };
  const models = cases.flatMap(({ timeouts = {} }, index) => {
    const target = { provider: 'openai', model: `fault-${index}`, timeouts };
    return [
      [`fault-${index}`, { targets: [target] }],
      [`fault-${index}-next`, { targets: [target, next] }],
    ];
  });
  return {
    ...base,
    workers,
    retry: { attempts: 2, base_delay: '1ms', max_delay: '4ms', budget: 1 },
    circuit: { outcomes: 10_000, min_failures: 10_000 },
    providers: { ...base.providers, refusing: base.providers.openai },
    models: {
      ...base.models,
      ...Object.fromEntries(models),
      refused: { targets: [{ provider: 'refusing', model: 'refused' }] },
      'refused-next': { targets: [{ provider: 'refusing', model: 'refused' }, next] },
      limited: { targets: [{ provider: 'openai', model: 'limited' }] },
      'limited-next': { targets: [{ provider: 'openai', model: 'limited' }, next] },
      'limited-briefly': { targets: [{ provider: 'openai', model: 'limited-briefly' }] },
      exhausted: { targets: [{ provider: 'openai', model: 'exhausted' }] },
    },
  };
}

/** A client and the number of its requests. */
function startClient(options: { maxRetries?: number } = {}) {
  const sent = { requests: 0 };
  const client = new OpenAI({
    baseURL: `${gateway.url}/v1`,
    apiKey: 'any',
    fetch: (input, init) => {
      sent.requests += 1;
      return fetch(input, init);
    },
    ...options,
  });
  return { client, sent };
}

const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'hello' }];

/** The result of one request as a text. */
async function see(client: OpenAI, model: string, stream: boolean): Promise<string> {
  let text = '';
  try {
    let finish: string | null | undefined;
    if (stream) {
      for await (const chunk of await client.chat.completions.create({ model, messages, stream })) {
        text += chunk.choices[0]?.delta.content ?? '';
        finish = chunk.choices[0]?.finish_reason ?? finish;
      }
    } else {
      const completion = await client.chat.completions.create({ model, messages });
      text = completion.choices[0]?.message.content ?? '';
      finish = completion.choices[0]?.finish_reason;
    }
    const whole = /^You said: "hello"\. This is the fake (\w+) provider, answering as [\w-]+\.$/.exec(text);
    return finish === 'stop' && whole ? `the answer of ${whole[1]}` : `half an answer: ${text}`;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const words = [error.constructor.name, error.status, error.code ?? error.type, text && 'after some content'];
    return words.filter((word) => word !== undefined && word !== '').join(' ');
  }
}

describe('the official client', () => {
  before(async () => {
    providers = await startProviderPair();
    gateway = await startGateway(configOf(providers));
  });

  after(async () => {
    await endGateways();
    await providers.close();
  });

  afterEach(() => providers.openai.control.clearFaults());

  describe("OpenAI's client gets the expected result for the fault", () => {
    for (const [index, { fault, plain, stream }] of cases.entries()) {
      it(JSON.stringify(fault), async () => {
        const model = `fault-${index}`;
        providers.openai.control.setFault({ ...fault, model });
        const clients = [startClient({ maxRetries: 0 }), startClient()];
        const seen = clients.map(async ({ client, sent }) => {
          const [plainAlone, plainWithNext, streamAlone, streamWithNext] = await Promise.all([
            see(client, model, false),
            see(client, `${model}-next`, false),
            see(client, model, true),
            see(client, `${model}-next`, true),
          ]);
          return { plain: [plainAlone, plainWithNext], stream: [streamAlone, streamWithNext], ...sent };
        });
        const expected = { plain, stream, requests: 4 };
        expect(await Promise.all(seen)).to.deep.equal([expected, expected]);
      });
    }
  });

  describe("OpenAI's client", () => {
    const insufficientQuota = {
      error: { message: 'Pay first.', type: 'insufficient_quota', code: 'insufficient_quota' },
    };

    it("gets no 401 when the gateway's own key is refused, and does not retry", async () => {
      providers.openai.control.setFault({ kind: 'status', status: 401 });
      const { client, sent } = startClient();
      expect(await see(client, 'refused', false)).to.equal('InternalServerError 502 provider_auth');
      expect(await see(client, 'refused-next', true)).to.equal(anthropic);
      expect(sent.requests).to.equal(2);
    });

    it('gets the 429 of a long Retry-After, or an answer from the next provider if there is one', async () => {
      providers.openai.control.setFault({ kind: 'status', status: 429, retryAfter: 20 });
      const { client } = startClient({ maxRetries: 0 });
      for (const stream of Array.from({ length: 10 }, (_, index) => index % 2 === 0)) {
        expect(await see(client, 'limited', stream)).to.equal('RateLimitError 429 rate_limited');
        expect(await see(client, 'limited-next', stream)).to.equal(anthropic);
      }
      // The next request may be faster than the news of the cooldown, but no worker asks twice.
      expect(providers.openai.control.stats().byModel.limited).to.be.within(1, workers);
    });

    it('gets its answer after a 429 with a short Retry-After', async () => {
      providers.openai.control.setFault({ kind: 'status', status: 429, retryAfter: 1, times: 1 });
      const { client, sent } = startClient();
      expect(await see(client, 'limited-briefly', true)).to.equal(openai);
      expect(sent.requests).to.equal(1);
    });

    it('does not retry when the quota is exhausted', async () => {
      providers.openai.control.setFault({ kind: 'status', status: 429, body: insufficientQuota });
      const { client, sent } = startClient();
      expect(await see(client, 'exhausted', false)).to.equal('RateLimitError 429 rate_limited');
      expect(sent.requests).to.equal(1);
    });
  });

  const weather: ChatCompletionTool = {
    type: 'function',
    function: {
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  };
  const demand: ChatCompletionMessageParam = { role: 'user', content: 'Use a tool: how is the weather?' };

  describe("OpenAI's client calls tools", () => {
    const models = { openai: 'gpt-4', anthropic: 'claude-sonnet-4-5' };
    for (const [provider, model] of Object.entries(models)) {
      it(`through ${provider}, and gets an answer to their result`, async () => {
        const { client } = startClient();
        const request = { model, messages: [demand], tools: [weather] };
        const { data: plain, response } = await client.chat.completions.create(request).withResponse();
        expect(response.headers.get('x-headgate-provider')).to.equal(provider);
        const streamed = await client.chat.completions.stream(request).finalChatCompletion();
        for (const { choices } of [plain, streamed]) {
          expect(choices[0]?.finish_reason).to.equal('tool_calls');
          const [call] = choices[0]?.message.tool_calls ?? [];
          if (call?.type !== 'function') throw new Error('no function was called');
          expect(call.function.name).to.equal('weather');
          expect(JSON.parse(call.function.arguments)).to.deep.equal({ city: 'example' });
          const conversation: ChatCompletionMessageParam[] = [
            demand,
            { role: 'assistant', tool_calls: [call] },
            { role: 'tool', tool_call_id: call.id, content: 'Sunny.' },
          ];
          const end = await client.chat.completions.create({ ...request, messages: conversation });
          expect(end.choices[0]?.finish_reason).to.equal('stop');
          expect(end.choices[0]?.message.content).to.be.a('string').and.not.to.equal('');
        }
      });
    }
  });
});
