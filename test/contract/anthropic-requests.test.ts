/**
 * Requests of the official OpenAI client are translated and then sent by the official Anthropic client. Path and body
 * that leave the Anthropic client must be the same as those of the codec and the provider.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { anthropic } from '../../src/providers/anthropic.ts';
import { pathAt } from '../../src/providers/registry.ts';
import { arrivedAt, codecOf } from '../helpers/codecs.ts';
import { wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';

const codec = codecOf('openai-chat', 'anthropic-messages');

const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'tide',
    description: 'The tide at a port',
    parameters: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] },
  },
};

const conversation: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'What is this?' }, picture('data:image/png;base64,iVBORw0KGgo=')] },
  { role: 'assistant', content: 'A port.' },
  { role: 'user', content: 'And the tide there, and here?' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_one', type: 'function', function: { name: 'tide', arguments: '{"port":"Emden"}' } },
      { id: 'call_two', type: 'function', function: { name: 'tide', arguments: '{"port":"Husum"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_one', content: 'high' },
  { role: 'tool', tool_call_id: 'call_two', content: 'low' },
];

function picture(url: string): OpenAI.ChatCompletionContentPartImage {
  return { type: 'image_url', image_url: { url } };
}

describe('requests in the messages dialect', () => {
  let replay: Replay;
  before(async () => {
    replay = await Replay.start();
  });
  after(() => replay.stop());

  /** The body that the official client sends for these parameters. */
  async function sentByOpenai(params: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model'>): Promise<Buffer> {
    const answer = wholeAnswers('openai').find(({ name }) => name === 'own openai/text');
    replay.answerWith('application/json', Buffer.from(answer?.text ?? ''));
    await new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 }).chat.completions.create({
      model: 'gpt-4',
      ...params,
    });
    return Buffer.from(JSON.stringify(replay.seen?.body));
  }

  async function crossCheck(params: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'model'>): Promise<void> {
    const bytes = await sentByOpenai(params);
    const target = { model: 'claude-sonnet-4-6', maxTokens: 1024 };
    const request = codec.request(arrivedAt(codec.inbound, bytes), target);
    const made: Anthropic.MessageCreateParamsNonStreaming = JSON.parse(request.body.toString());

    const answer = wholeAnswers('anthropic').find(({ name }) => name === 'own anthropic/text');
    replay.answerWith('application/json', Buffer.from(answer?.text ?? ''));
    await new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 }).messages.create(made);
    expect(replay.seen?.path.replace(/\?.*/, '')).to.equal(
      pathAt(anthropic, codec.outbound.name, { model: target.model, stream: false, settings: {} }),
    );
    expect(replay.seen?.body).to.deep.equal(made);
    expect(replay.seen?.headers['content-type']).to.equal(codec.outbound.headers.sent(false)['content-type']);
    for (const [index, turn] of made.messages.entries()) {
      expect(turn.role).to.equal(index % 2 === 0 ? 'user' : 'assistant');
    }
  }

  it('match the official client for a plain question', () =>
    crossCheck({ messages: [{ role: 'user', content: 'hi' }], temperature: 0.2, stop: ['END'] }));

  it('match the official client for a conversation with an image and tools', () =>
    crossCheck({ messages: conversation, tools: [weather], tool_choice: 'required', parallel_tool_calls: false }));
});
