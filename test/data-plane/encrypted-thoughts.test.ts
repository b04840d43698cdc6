/**
 * Tools in a loop with a model of OpenAI's that answers responses alone, over sockets: it sees its thoughts again, as it has
 * encrypted them, in the order in which it had them. The official clients of other dialects hand back what they got.
 */
import { text } from 'node:stream/consumers';
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import OpenAI from 'openai';
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts';
import { answerContext } from '../helpers/codecs.ts';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

type Json = Record<string, unknown>;

/** Steps until the answer: each is a thought and a call. */
const STEPS = 3;

const proofOf = (step: number) => `gAAAA_${step}-=`;

/** What the model says in a step: of every second thought nothing is shown. */
function outputOf(step: number): Json[] {
  const summary = step % 2 === 0 ? [{ type: 'summary_text', text: `step ${step}` }] : [];
  return [
    { type: 'reasoning', id: `rs_${step}`, encrypted_content: proofOf(step), summary },
    {
      type: 'function_call',
      id: `fc_${step}`,
      call_id: `call_${step}`,
      name: 'f',
      arguments: JSON.stringify({ step }),
    },
  ];
}

/** The answer to a request: a step, or the end. Null if a thought is missing, or is not where it was. */
function answerTo({ input, store, include }: { input: Json[]; store: unknown; include: unknown }): Json[] | null {
  const said = input.filter(({ type }) => type === 'reasoning' || type === 'function_call');
  const isWhole = said.every((item, at) => {
    const step = Math.floor(at / 2);
    if (at % 2 === 1) return item.call_id === `call_${step}`;
    // An item with an id is looked up, where nothing is kept.
    return item.id === undefined && item.encrypted_content === proofOf(step);
  });
  if (!isWhole || store !== false || !Array.isArray(include)) return null;
  const step = said.length / 2;
  if (step < STEPS) return outputOf(step);
  const content = [{ type: 'output_text', text: 'done', annotations: [] }];
  return [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content }];
}

describe('a model that answers responses alone', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** Returns the address of a gateway before it. */
  async function gateway(): Promise<string> {
    const port = await provider(async (request, outgoing) => {
      const body = JSON.parse(await text(request));
      const output = request.url?.endsWith('/responses') === true ? answerTo(body) : null;
      if (output === null) {
        const isForeign = JSON.stringify(body).includes('"gAAAA_foreign"');
        const code = isForeign ? 'invalid_encrypted_content' : null;
        const error = { type: 'invalid_request_error', code, message: `Unexpected ${JSON.stringify(body)}` };
        return outgoing.writeHead(400, jsonHeaders).end(JSON.stringify({ error }));
      }
      const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
      const response = { id: 'resp_1', object: 'response', model: 'gpt', status: 'completed', output, usage };
      const whole = Buffer.from(JSON.stringify(response));
      if (body.stream !== true) return outgoing.writeHead(200, jsonHeaders).end(whole);
      const { events, terminal } = openaiResponses.split(whole, answerContext());
      return outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(Buffer.concat([events, terminal]));
    });
    const { url } = await start({ openai: port, model: 'gpt-6', dialects: { openai: ['openai-responses'] } });
    return url;
  }

  const parameters = { type: 'object' as const, properties: { step: { type: 'integer' } } };

  for (const form of ['whole', 'streamed'] as const) {
    it(`is led to its answer by a client of chats, ${form}`, async () => {
      const { chat } = new OpenAI({ apiKey: 'key', baseURL: `${await gateway()}/v1`, maxRetries: 0 });
      const tools = [{ type: 'function' as const, function: { name: 'f', parameters } }];
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'hi' }];
      const asked = () => ({ model: 'gpt-4', tools, messages });
      for (let step = 0; step < STEPS; step += 1) {
        const message =
          form === 'whole'
            ? (await chat.completions.create(asked())).choices[0]?.message
            : await lastMessage(chat, asked());
        const [call] = message?.tool_calls ?? [];
        if (message === undefined || call?.type !== 'function') throw new Error('nothing was called');
        expect(JSON.parse(call.function.arguments)).to.deep.equal({ step });
        const details = [{ type: 'reasoning.encrypted', format: 'openai-responses-v1', data: proofOf(step) }];
        expect(message).to.have.property('reasoning_details').that.containSubset(details);
        messages.push(message, { role: 'tool', tool_call_id: call.id, content: 'x' });
      }
      const { choices, usage } = await chat.completions.create(asked());
      expect(choices[0]).to.deep.include({ finish_reason: 'stop' });
      expect(choices[0]?.message.content).to.equal('done');
      expect(usage?.total_tokens).to.equal(2);
    });

    it(`is led to its answer by a client of messages, ${form}`, async () => {
      const client = new Anthropic({ apiKey: 'key', baseURL: await gateway(), maxRetries: 0 });
      const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'hi' }];
      const tools = [{ name: 'f', input_schema: parameters }];
      const asked = () => ({ model: 'gpt-4', max_tokens: 1_000, tools, messages });
      for (let step = 0; step < STEPS; step += 1) {
        const { content } =
          form === 'whole'
            ? await client.messages.create(asked())
            : await client.messages.stream(asked()).finalMessage();
        const [thought, call] = content;
        expect(thought?.type).to.equal(step % 2 === 0 ? 'thinking' : 'redacted_thinking');
        if (call?.type !== 'tool_use') throw new Error('nothing was called');
        expect(call.input).to.deep.equal({ step });
        messages.push({ role: 'assistant', content });
        messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'x' }] });
      }
      const { content, stop_reason } = await client.messages.create(asked());
      expect([content, stop_reason]).to.deep.equal([[{ type: 'text', text: 'done' }], 'end_turn']);
    });
  }

  it('is asked again without thoughts that another account has encrypted', async () => {
    const url = await gateway();
    const foreign = { type: 'reasoning.encrypted', format: 'openai-responses-v1', data: 'gAAAA_foreign', index: 0 };
    const messages = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Hi.', reasoning_details: [foreign] },
      { role: 'user', content: 'Go on.' },
    ];
    const body = JSON.stringify({ model: 'gpt-4', messages });
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('x-headgate-dropped-params')).to.equal('reasoning');
  });

  it('is not asked what its API has no words for', async () => {
    const { chat } = new OpenAI({ apiKey: 'key', baseURL: `${await gateway()}/v1`, maxRetries: 0 });
    const asked = chat.completions.create({ model: 'gpt-4', messages: [{ role: 'user', content: 'hi' }], stop: 'END' });
    const error = await asked.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error)
      .to.be.instanceOf(OpenAI.BadRequestError)
      .and.include({ param: 'stop', code: 'unsupported_parameter' });
  });
});

/** The message of a stream, put together from its chunks by an agent that keeps each detail. */
async function lastMessage(chat: OpenAI['chat'], asked: OpenAI.ChatCompletionCreateParamsNonStreaming) {
  const details: unknown[] = [];
  const stream = chat.completions.stream({ ...asked, stream: true });
  stream.on('chunk', ({ choices }) => {
    const delta = choices[0]?.delta as { readonly reasoning_details?: readonly unknown[] } | undefined;
    details.push(...(delta?.reasoning_details ?? []));
  });
  const message = await stream.finalMessage();
  return { ...message, reasoning_details: details };
}
