/**
 * Recorded answers of OpenAI's Responses API, for clients of chats and of messages. Their official clients must read in the
 * translation what the official client of responses reads in the recording.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { asRecord } from '../../src/shared/json.ts';
import { codecOf } from '../helpers/codecs.ts';
import { type AnswerContent, contentOfChunks, contentOfCompletion, contentOfMessage } from './answer-content.ts';
import { answersIn, type Recording, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, translateStream } from './translate.ts';

const folder = 'openai-responses';
const forChats = codecOf('openai-chat', folder);
const forMessages = codecOf('anthropic-messages', folder);
const messages = [{ role: 'user' as const, content: 'hi' }];

/** What the official client of responses has read. */
function contentOfResponse({ id, model, output, output_text, usage }: Response): AnswerContent {
  const thoughts = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
  const calls = output.flatMap((item) => (item.type === 'function_call' ? item : []));
  return {
    id,
    model,
    content: output_text,
    reasoning: thoughts.map(({ text }) => text).join(''),
    calls: calls.map((call) => ({ id: call.call_id, name: call.name, input: JSON.parse(call.arguments) })),
    finish: calls.length > 0 ? 'tool_calls' : 'stop',
    input: usage?.input_tokens ?? 0,
    output: usage?.output_tokens ?? 0,
  };
}

/** Custom tools are asked for by clients of responses alone, whose answers go back as they are. */
const isTranslatable = ({ name }: Recording) => !name.includes('custom-tool');

describe('answers in the responses dialect for clients of others', () => {
  let replay: Replay;
  let client: OpenAI;
  let anthropic: Anthropic;
  before(async () => {
    replay = await Replay.start();
    client = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  async function chunksOf(...pieces: readonly Buffer[]): Promise<AnswerContent> {
    replay.answerWith('text/event-stream', ...pieces);
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    const asked = { model: 'm', messages, stream: true, stream_options: { include_usage: true } } as const;
    for await (const chunk of await client.chat.completions.create(asked)) chunks.push(chunk);
    return contentOfChunks(chunks);
  }

  async function messageOf(...pieces: readonly Buffer[]): Promise<AnswerContent> {
    replay.answerWith('text/event-stream', ...pieces);
    return contentOfMessage(await anthropic.messages.stream({ model: 'm', max_tokens: 10, messages }).finalMessage());
  }

  for (const recording of wholeAnswers(folder).filter(isTranslatable)) {
    it(`have the same content in each dialect: ${recording.name}`, async () => {
      const body = Buffer.from(recording.text);
      replay.answerWith('application/json', body);
      const expected = contentOfResponse(await client.responses.create({ model: 'm', input: 'hi' }));
      for (const codec of [forChats, forMessages]) {
        const { facts } = codec.answer(body, context, null);
        expect(isEmpty(facts, false)).to.equal(false);
        expect(facts).to.not.have.property('lost');
        expect(facts.usage).to.include({ input: expected.input, output: expected.output });
      }
      replay.answerWith('application/json', forChats.answer(body, context, null).body);
      const completion = await client.chat.completions.create({ model: 'm', messages });
      expect(contentOfCompletion(completion)).to.deep.equal(expected);
      replay.answerWith('application/json', forMessages.answer(body, context, null).body);
      const message = await anthropic.messages.create({ model: 'm', max_tokens: 10, messages });
      expect(contentOfMessage(message)).to.deep.equal(expected);
    });
  }

  for (const { name, upstream } of streams(folder).filter(isTranslatable).flatMap(answersIn)) {
    it(`stream the same content in each dialect: ${name}`, async () => {
      const last = asRecord(JSON.parse(upstream.toString().trimEnd().split('\ndata: ').at(-1) ?? ''));
      replay.answerWith('application/json', Buffer.from(JSON.stringify(last?.response)));
      const expected = contentOfResponse(await client.responses.create({ model: 'm', input: 'hi' }));
      for (const codec of [forChats, forMessages]) {
        const { kinds, end, answer } = translateStream(codec, upstream);
        expect(kinds).to.include('content');
        expect(kinds.at(-1)).to.equal('terminal');
        expect(end.complete).to.equal(true);
        expect(answer.facts.usage?.output).to.equal(expected.output);
      }
      expect(await chunksOf(translateStream(forChats, upstream).bytes)).to.deep.equal(expected);
      expect(await messageOf(translateStream(forMessages, upstream).bytes)).to.deep.equal(expected);
    });

    it(`are cut without their last event: ${name}`, () => {
      const broken = upstream.subarray(0, upstream.lastIndexOf('event: '));
      for (const codec of [forChats, forMessages]) {
        const { bytes, end } = translateStream(codec, broken);
        expect(end.complete).to.equal(false);
        expect(bytes.toString()).to.not.match(/event: message_stop|\[DONE\]/);
      }
    });
  }

  for (const { name, upstream } of streams(folder)
    .filter((recording) => recording.name.startsWith('own'))
    .flatMap(answersIn)) {
    it(`are the same for any chunks of their bytes: ${name}`, async () => {
      for (const codec of [forChats, forMessages]) {
        const { bytes } = translateStream(codec, upstream);
        for (let cut = 1; cut < upstream.length; cut += 1) {
          const halves = translateStream(codec, upstream.subarray(0, cut), upstream.subarray(cut));
          expect(halves.bytes.equals(bytes), `cut at ${cut}`).to.equal(true);
        }
        expect(translateStream(codec, ...bytewise(upstream)).bytes.equals(bytes)).to.equal(true);
      }
    });
  }
});
