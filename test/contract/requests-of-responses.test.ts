/**
 * Requests of the official clients of chats and of messages are translated for a provider of responses and then sent by the
 * official client of responses. Path and body that leave that client must be the same as those of the codec and the provider.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Codec } from '../../src/dialects/codec.ts';
import { openai } from '../../src/providers/openai.ts';
import { pathAt } from '../../src/providers/registry.ts';
import { arrivedAt, codecOf } from '../helpers/codecs.ts';
import { wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';

const parameters = { type: 'object' as const, properties: { port: { type: 'string' } }, required: ['port'] };
const dataUrl = 'data:image/png;base64,iVBORw0KGgo=';
const pdf = 'data:application/pdf;base64,JVBERi0=';

/** The same conversation in each of the two dialects. */
const ofChats: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'file', file: { filename: 'map.pdf', file_data: pdf } },
      { type: 'image_url', image_url: { url: dataUrl } },
      { type: 'text', text: 'And the tide there?' },
    ],
  },
  {
    role: 'assistant',
    content: 'Let me look.',
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'tide', arguments: '{"port":"Emden"}' } },
      { id: 'call_2', type: 'function', function: { name: 'tide', arguments: '{"port":"Husum"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: 'high' },
  { role: 'tool', tool_call_id: 'call_2', content: 'low' },
  { role: 'user', content: 'Well?' },
];
const ofMessages: Anthropic.MessageParam[] = [
  {
    role: 'user',
    content: [
      {
        type: 'document',
        title: 'map.pdf',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
      { type: 'text', text: 'And the tide there?' },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'call_1', name: 'tide', input: { port: 'Emden' } },
      { type: 'tool_use', id: 'call_2', name: 'tide', input: { port: 'Husum' } },
    ],
  },
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'call_1', content: 'high' },
      { type: 'tool_result', tool_use_id: 'call_2', content: 'low' },
      { type: 'text', text: 'Well?' },
    ],
  },
];

const called = (call_id: string, port: string) => {
  return { type: 'function_call', call_id, name: 'tide', arguments: JSON.stringify({ port }) };
};

const expected = {
  model: 'gpt-6',
  instructions: 'Be brief.',
  input: [
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_file', filename: 'map.pdf', file_data: pdf },
        { type: 'input_image', image_url: dataUrl, detail: 'auto' },
        { type: 'input_text', text: 'And the tide there?' },
      ],
    },
    { type: 'message', role: 'assistant', content: 'Let me look.' },
    called('call_1', 'Emden'),
    called('call_2', 'Husum'),
    { type: 'function_call_output', call_id: 'call_1', output: 'high' },
    { type: 'function_call_output', call_id: 'call_2', output: 'low' },
    { type: 'message', role: 'user', content: 'Well?' },
  ],
  tools: [{ type: 'function', name: 'tide', parameters, strict: false }],
  tool_choice: 'required',
  parallel_tool_calls: false,
  max_output_tokens: 100,
  reasoning: { effort: 'low' },
  include: ['reasoning.encrypted_content'],
  store: false,
};

describe('requests for a provider of responses', () => {
  let replay: Replay;
  before(async () => {
    replay = await Replay.start();
  });
  after(() => replay.stop());

  function answerLike(recording: string, folder: string): void {
    const answer = wholeAnswers(folder).find(({ name }) => name === recording);
    replay.answerWith('application/json', Buffer.from(answer?.text ?? ''));
  }

  /** What the official client of responses sends of what the codec makes of the request that was seen last. */
  async function crossCheck(codec: Codec) {
    const bytes = Buffer.from(JSON.stringify(replay.seen?.body));
    const request = codec.request(arrivedAt(codec.inbound, bytes), { model: 'gpt-6', maxTokens: null });
    const made: OpenAI.Responses.ResponseCreateParamsNonStreaming = JSON.parse(request.body.toString());
    answerLike('own openai-responses/text', 'openai-responses');
    const client = new OpenAI({ apiKey: 'key', baseURL: `${replay.url}/v1`, maxRetries: 0 });
    await client.responses.create(made);
    expect(replay.seen?.path).to.equal(
      `/v1${pathAt(openai, codec.outbound.name, { model: 'gpt-6', stream: false, settings: {} })}`,
    );
    expect(replay.seen?.body).to.deep.equal(made);
    expect(replay.seen?.headers['content-type']).to.equal(codec.outbound.headers.sent(false)['content-type']);
    expect(request.droppedParams).to.deep.equal([]);
    return made;
  }

  it('match the official client, of a chat', async () => {
    answerLike('own openai/text', 'openai');
    const client = new OpenAI({ apiKey: 'key', baseURL: `${replay.url}/v1`, maxRetries: 0 });
    await client.chat.completions.create({
      model: 'm',
      messages: ofChats,
      tools: [{ type: 'function', function: { name: 'tide', parameters } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_completion_tokens: 100,
      reasoning_effort: 'low',
    });
    expect(await crossCheck(codecOf('openai-chat', 'openai-responses'))).to.deep.equal(expected);
  });

  it('match the official client, of messages', async () => {
    answerLike('own anthropic/text', 'anthropic');
    const client = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    await client.messages.create({
      model: 'm',
      max_tokens: 100,
      system: 'Be brief.',
      messages: ofMessages,
      tools: [{ name: 'tide', input_schema: parameters }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      output_config: { effort: 'low' },
    });
    expect(await crossCheck(codecOf('anthropic-messages', 'openai-responses'))).to.deep.equal(expected);
  });
});
