/**
 * Tools in a loop with a model of Anthropic's that thinks, over sockets: it goes on after a call only if it sees its thought
 * again, with the signature. The official clients of other dialects hand back what they got, as agents do.
 */
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import OpenAI from 'openai';
import { jsonHeaders, planeFixture } from './plane-fixture.ts';

type Json = Record<string, unknown>;

/** Steps until the answer: each is a thought and a call. */
const STEPS = 3;

const thinking = { type: 'enabled', budget_tokens: 2_000 };

/** What the model says when it has seen this many results: a step, or the answer. Null if a thought is missing. */
function contentFor(messages: readonly { role: string; content: Json[] }[]): Json[] | null {
  const said = messages.filter(({ role }) => role === 'assistant');
  const isWhole = said.every(({ content }, step) => content[0]?.signature === `SIG${step}` && content[1]?.data === 'R');
  if (!isWhole) return null;
  if (said.length === STEPS) return [{ type: 'text', text: 'done' }];
  const step = said.length;
  return [
    { type: 'thinking', thinking: `step ${step}`, signature: `SIG${step}` },
    { type: 'redacted_thinking', data: 'R' },
    { type: 'tool_use', id: `toolu_${step}`, name: 'f', input: { step } },
  ];
}

/** As Anthropic streams these blocks. */
function eventsOf(content: readonly Json[], stop_reason: string): string {
  const blocks = content.flatMap((block, index) => {
    const { thinking: words, signature, text, input, ...head } = block;
    const delta = (fields: Json) => ({ type: 'content_block_delta', index, delta: fields });
    return [
      { type: 'content_block_start', index, content_block: { ...head, ...(input === undefined ? {} : { input: {} }) } },
      ...(words === undefined ? [] : [delta({ type: 'thinking_delta', thinking: words })]),
      ...(signature === undefined ? [] : [delta({ type: 'signature_delta', signature })]),
      ...(text === undefined ? [] : [delta({ type: 'text_delta', text })]),
      ...(input === undefined ? [] : [delta({ type: 'input_json_delta', partial_json: JSON.stringify(input) })]),
      { type: 'content_block_stop', index },
    ];
  });
  const usage = { input_tokens: 1, output_tokens: 1 };
  return [
    { type: 'message_start', message: { id: 'msg_1', model: 'claude', content: [], usage } },
    ...blocks,
    { type: 'message_delta', delta: { stop_reason }, usage },
    { type: 'message_stop' },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

describe('a model that thinks between its calls', () => {
  const { provider, start, close } = planeFixture();
  afterEach(close);

  /** Returns an official client before it. */
  async function client(): Promise<OpenAI> {
    const port = await provider(async (request, outgoing) => {
      const { messages, stream } = JSON.parse(await text(request));
      const content = contentFor(messages);
      if (content === null) {
        const error = { type: 'invalid_request_error', message: 'Expected `thinking`, but found `tool_use`.' };
        return outgoing.writeHead(400, jsonHeaders).end(JSON.stringify({ type: 'error', error }));
      }
      const stop_reason = content.length > 1 ? 'tool_use' : 'end_turn';
      if (stream === true) {
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
        return outgoing.end(eventsOf(content, stop_reason));
      }
      const usage = { input_tokens: 1, output_tokens: 1 };
      const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content, stop_reason, usage };
      return outgoing.writeHead(200, jsonHeaders).end(JSON.stringify(message));
    });
    const { url } = await start({ openai: 1, anthropic: port });
    return new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
  }

  const parameters = { type: 'object', properties: { step: { type: 'integer' } } };
  const functions = [{ type: 'function' as const, function: { name: 'f', parameters } }];
  const tools = [{ type: 'function' as const, name: 'f', parameters, strict: false }];

  for (const form of ['whole', 'streamed'] as const) {
    it(`is led to its answer by a client of chats, ${form}`, async () => {
      const { chat } = await client();
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'hi' }];
      const asked = () => ({ model: 'gpt-4', tools: functions, messages, max_completion_tokens: 9_000, thinking });
      for (let step = 0; step < STEPS; step += 1) {
        const message =
          form === 'whole'
            ? (await chat.completions.create(asked())).choices[0]?.message
            : await lastMessage(chat, asked());
        const [call] = message?.tool_calls ?? [];
        expect(message, 'it thinks aloud').to.have.property('reasoning_content', `step ${step}`);
        if (message === undefined || call?.type !== 'function') throw new Error('nothing was called');
        expect(JSON.parse(call.function.arguments)).to.deep.equal({ step });
        messages.push(message, { role: 'tool', tool_call_id: call.id, content: 'x' });
      }
      const { choices } = await chat.completions.create(asked());
      expect(choices[0]?.message.content).to.equal('done');
    });

    it(`is led to its answer by a client of responses, ${form}`, async () => {
      const { responses } = await client();
      const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'hi' }];
      const asked = () => ({ model: 'gpt-4', tools, input, store: false, max_output_tokens: 9_000, thinking });
      for (let step = 0; step < STEPS; step += 1) {
        const { output } =
          form === 'whole'
            ? await responses.create(asked())
            : await responses.stream({ ...asked(), tools }).finalResponse();
        const call = output.at(-1);
        if (call?.type !== 'function_call') throw new Error('nothing was called');
        expect(JSON.parse(call.arguments)).to.deep.equal({ step });
        input.push(...(output as OpenAI.Responses.ResponseInputItem[]));
        input.push({ type: 'function_call_output', call_id: call.call_id, output: 'x' });
      }
      expect((await responses.create(asked())).output_text).to.equal('done');
    });
  }
});

/** The message of a stream, put together from its chunks by an agent that keeps each detail. */
async function lastMessage(chat: OpenAI['chat'], asked: OpenAI.ChatCompletionCreateParamsNonStreaming) {
  const details: unknown[] = [];
  const stream = chat.completions.stream({ ...asked, stream: true });
  stream.on('chunk', ({ choices }) => {
    const delta = choices[0]?.delta as { readonly reasoning_details?: readonly unknown[] } | undefined;
    details.push(...(delta?.reasoning_details ?? []));
  });
  const thought: string[] = [];
  stream.on('chunk', ({ choices }) => {
    const delta = choices[0]?.delta as { readonly reasoning_content?: string } | undefined;
    thought.push(delta?.reasoning_content ?? '');
  });
  const message = await stream.finalMessage();
  return { ...message, reasoning_content: thought.join(''), reasoning_details: details };
}
