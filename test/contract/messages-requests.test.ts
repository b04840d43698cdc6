/**
 * Requests of the official Anthropic client are translated and then sent by the official OpenAI client. Path and body that
 * leave the OpenAI client must be the same as those of the codec and the provider.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { openai } from '../../src/providers/openai.ts';
import { pathAt } from '../../src/providers/registry.ts';
import { arrivedAt, codecOf } from '../helpers/codecs.ts';
import { wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';

const codec = codecOf('anthropic-messages', 'openai-chat');

type Params = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens'>;

const tide: Anthropic.Tool = {
  name: 'tide',
  description: 'The tide at a port',
  input_schema: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] },
  cache_control: { type: 'ephemeral' },
};

const picture: Anthropic.ImageBlockParam = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
};

const conversation: Anthropic.MessageParam[] = [
  {
    role: 'user',
    content: [
      {
        type: 'document',
        title: 'map.pdf',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Emden lies at the Ems.' } },
      picture,
      { type: 'image', source: { type: 'url', url: 'https://example.com/port.png' } },
      { type: 'text', text: 'And the tide there?', cache_control: { type: 'ephemeral', ttl: '1h' } },
    ],
  },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'I must look.', signature: 'c2ln' },
      { type: 'text', text: 'Let me look.' },
      { type: 'tool_use', id: 'toolu_one', name: 'tide', input: { port: 'Emden' } },
      { type: 'tool_use', id: 'toolu_two', name: 'tide', input: { port: 'Husum' } },
    ],
  },
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'toolu_two', content: 'no such port', is_error: true },
      { type: 'tool_result', tool_use_id: 'toolu_one', content: [{ type: 'text', text: 'high' }, picture] },
      { type: 'text', text: 'Well?' },
    ],
  },
];

const dataUrl = 'data:image/png;base64,iVBORw0KGgo=';
const called = (id: string, port: string) => ({
  id,
  type: 'function',
  function: { name: 'tide', arguments: JSON.stringify({ port }) },
});

describe('requests in the messages dialect for a provider of chat', () => {
  let replay: Replay;
  before(async () => {
    replay = await Replay.start();
  });
  after(() => replay.stop());

  function answerLike(recording: string, folder: string): void {
    const answer = wholeAnswers(folder).find(({ name }) => name === recording);
    replay.answerWith('application/json', Buffer.from(answer?.text ?? ''));
  }

  /** What the official client of OpenAI sends of what the codec made; and what was dropped. */
  async function crossCheck(params: Params, model = 'gpt-5') {
    answerLike('own anthropic/text', 'anthropic');
    const client = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    await client.messages.create({ model: 'claude', max_tokens: 100, ...params });
    const bytes = Buffer.from(JSON.stringify(replay.seen?.body));

    const request = codec.request(arrivedAt(codec.inbound, bytes), { model, maxTokens: null });
    const made: OpenAI.ChatCompletionCreateParamsNonStreaming = JSON.parse(request.body.toString());
    answerLike('own openai/text', 'openai');
    const other = new OpenAI({ apiKey: 'key', baseURL: `${replay.url}/v1`, maxRetries: 0 });
    await other.chat.completions.create(made);
    expect(replay.seen?.path).to.equal(
      `/v1${pathAt(openai, codec.outbound.name, { model: model, stream: false, settings: {} })}`,
    );
    expect(replay.seen?.body).to.deep.equal(made);
    expect(replay.seen?.headers['content-type']).to.equal(codec.outbound.headers.sent(false)['content-type']);
    return { body: made, dropped: request.droppedParams };
  }

  it('match the official client for a plain question', async () => {
    const { body, dropped } = await crossCheck({
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'hi' }],
      stop_sequences: ['END', '\n\n'],
    });
    expect(body).to.deep.equal({
      model: 'gpt-5',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
      max_completion_tokens: 100,
      stop: ['END', '\n\n'],
    });
    expect(dropped).to.deep.equal([]);
  });

  it('match the official client for a conversation with images, documents and tools', async () => {
    const { body, dropped } = await crossCheck({
      system: [
        { type: 'text', text: 'Be brief.' },
        { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
      ],
      messages: conversation,
      tools: [tide],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    const { cache_control: _, input_schema: parameters, ...named } = tide;
    expect(body).to.deep.equal({
      model: 'gpt-5',
      messages: [
        { role: 'system', content: 'Be brief.\nBe kind.' },
        {
          role: 'user',
          content: [
            { type: 'file', file: { filename: 'map.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
            { type: 'text', text: 'Emden lies at the Ems.' },
            { type: 'image_url', image_url: { url: dataUrl } },
            { type: 'image_url', image_url: { url: 'https://example.com/port.png' } },
            { type: 'text', text: 'And the tide there?' },
          ],
        },
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [called('toolu_one', 'Emden'), called('toolu_two', 'Husum')],
        },
        { role: 'tool', tool_call_id: 'toolu_two', content: 'no such port' },
        { role: 'tool', tool_call_id: 'toolu_one', content: 'high' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: dataUrl } },
            { type: 'text', text: 'Well?' },
          ],
        },
      ],
      tools: [{ type: 'function', function: { ...named, parameters } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_completion_tokens: 100,
    });
    expect(dropped).to.have.members(['reasoning', 'is_error', 'cache_control']);
  });

  for (const [choice, expected] of [
    [{ type: 'auto' }, 'auto'],
    [{ type: 'none' }, 'none'],
    [
      { type: 'tool', name: 'tide' },
      { type: 'function', function: { name: 'tide' } },
    ],
  ] as const) {
    it(`match the official client for the choice ${choice.type}`, async () => {
      const { body } = await crossCheck({ messages: conversation, tools: [tide], tool_choice: choice }, 'local');
      expect(body).to.deep.include({ tool_choice: expected, max_tokens: 100 });
      expect(body).to.not.have.property('parallel_tool_calls');
    });
  }
});
