/**
 * Recorded answers, read by the official client of the Responses API: those of other dialects in translation, with the
 * same content as in the recording, and OpenAI's own as they came.
 */

import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { openaiResponses } from '../../src/dialects/openai-responses/index.ts';
import { codecOf } from '../helpers/codecs.ts';
import { answersIn, linesOf, type Recording, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, framed, translateStream } from './translate.ts';

const own = codecOf('openai-responses', 'openai-responses');
const beforeChat = codecOf('openai-responses', 'openai-chat');
const beforeMessages = codecOf('openai-responses', 'anthropic-messages');
const messages = [{ role: 'user' as const, content: 'hi' }];
const params = { model: 'm', input: 'hi' };
const DONE = Buffer.from('data: [DONE]\n\n');

/** What an answer says, independent of its dialect. */
interface Said {
  readonly text: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly output: number;
}

function saidIn({ output_text, output, usage }: Response): Said {
  const calls = output.flatMap((item) => (item.type === 'function_call' ? item : []));
  return {
    text: output_text,
    calls: calls.map((call) => ({ id: call.call_id, name: call.name, input: JSON.parse(call.arguments) })),
    output: usage?.output_tokens ?? 0,
  };
}

function saidInMessage({ content, usage }: Anthropic.Message): Said {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? { id: block.id, name: block.name, input: block.input } : [],
    ),
    output: usage.output_tokens,
  };
}

function saidInCompletion({ choices, usage }: OpenAI.ChatCompletion): Said {
  const calls = (choices[0]?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? call : []));
  return {
    text: choices[0]?.message.content ?? '',
    calls: calls.map((call) => ({
      id: call.id,
      name: call.function.name,
      input: JSON.parse(call.function.arguments || '{}'),
    })),
    output: usage?.completion_tokens ?? 0,
  };
}

/** Mistral's parts of a text are none that the official client of chat completions reads. */
const isReadable = ({ name }: Recording) => !name.includes('mistral-reasoning');

describe('answers as responses', () => {
  let replay: Replay;
  let client: OpenAI;
  let anthropic: Anthropic;
  before(async () => {
    replay = await Replay.start();
    client = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    anthropic = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  /** The response that the client puts together from these bytes, whose grammar it checks. */
  async function streamed(...pieces: readonly Buffer[]): Promise<Response> {
    replay.answerWith('text/event-stream', ...pieces);
    return client.responses.stream(params).finalResponse();
  }

  async function whole(body: Buffer): Promise<Response> {
    replay.answerWith('application/json', body);
    return client.responses.create(params);
  }

  /** Servers count in different fields, so that only the counts of OpenAI's own are compared. */
  const comparable = (said: Said, { name }: Recording) =>
    name.includes('openai/') || name.includes('anthropic') ? said : { ...said, output: 0 };

  for (const recording of wholeAnswers('openai', 'openai-compatible').filter(isReadable)) {
    it(`say what the chat completion says: ${recording.name}`, async () => {
      const body = Buffer.from(recording.text);
      replay.answerWith('application/json', body);
      const expected = saidInCompletion(await client.chat.completions.create({ model: 'm', messages }));
      const answer = beforeChat.answer(body, context, null);
      expect(isEmpty(answer.facts, false)).to.equal(false);
      const said = saidIn(await whole(answer.body));
      expect(comparable(said, recording)).to.deep.equal(comparable(expected, recording));
    });
  }

  for (const recording of streams('openai', 'openai-compatible').filter(isReadable)) {
    it(`say in a stream what the chunks say: ${recording.name}`, async () => {
      const upstream = Buffer.concat([framed('openai', linesOf(recording)), DONE]);
      replay.answerWith('text/event-stream', upstream);
      const asked = { model: 'm', messages, stream_options: { include_usage: true } };
      const chat = client.chat.completions.stream(asked);
      const expected = saidInCompletion(await chat.finalChatCompletion());
      const { bytes, kinds, end } = translateStream(beforeChat, upstream);
      expect(kinds.at(-1)).to.equal('terminal');
      expect(end.complete).to.equal(true);
      const said = saidIn(await streamed(bytes));
      expect(comparable(said, recording)).to.deep.equal(comparable(expected, recording));
    });
  }

  for (const recording of wholeAnswers('anthropic')) {
    it(`say what the message says: ${recording.name}`, async () => {
      const body = Buffer.from(recording.text);
      replay.answerWith('application/json', body);
      const expected = saidInMessage(await anthropic.messages.create({ model: 'm', max_tokens: 9, messages }));
      expect(saidIn(await whole(beforeMessages.answer(body, context, null).body))).to.deep.equal(expected);
    });
  }

  for (const recording of streams('anthropic')) {
    it(`say in a stream what the events of the message say: ${recording.name}`, async () => {
      const upstream = framed('anthropic', linesOf(recording));
      replay.answerWith('text/event-stream', upstream);
      const stream = anthropic.messages.stream({ model: 'm', max_tokens: 9, messages });
      const expected = saidInMessage(await stream.finalMessage());
      const { bytes, end } = translateStream(beforeMessages, upstream);
      expect(end.complete).to.equal(true);
      expect(saidIn(await streamed(bytes))).to.deep.equal(expected);
    });
  }

  it('are the same for any chunks of their bytes', async () => {
    const [recording] = streams('anthropic').filter(({ name }) => name === 'own anthropic/tools');
    const upstream = framed('anthropic', recording === undefined ? [] : linesOf(recording));
    const { bytes } = translateStream(beforeMessages, upstream);
    expect(translateStream(beforeMessages, ...bytewise(upstream)).bytes.equals(bytes)).to.equal(true);
    expect(await streamed(...bytewise(bytes))).to.deep.equal(await streamed(bytes));
  });

  for (const recording of wholeAnswers('openai-responses')) {
    it(`of OpenAI go back unchanged: ${recording.name}`, async () => {
      const body = Buffer.from(recording.text);
      const answer = own.answer(body, context, null);
      expect(answer.body).to.equal(body);
      expect(isEmpty(answer.facts, false)).to.equal(false);
      expect(answer.facts.usage?.output).to.be.greaterThan(0);
      expect((await whole(answer.body)).id).to.equal(JSON.parse(recording.text).id);
    });

    it(`of OpenAI can be streamed to a client that wants it so: ${recording.name}`, async () => {
      const { events, terminal } = openaiResponses.split(Buffer.from(recording.text), context);
      const expected = await whole(Buffer.from(recording.text));
      expect(saidIn(await streamed(events, terminal))).to.deep.equal(saidIn(expected));
    });
  }

  for (const { name, upstream } of streams('openai-responses').flatMap(answersIn)) {
    it(`of OpenAI are relayed unchanged: ${name}`, async () => {
      const { bytes, kinds, end, answer } = translateStream(own, upstream);
      expect(bytes.equals(upstream)).to.equal(true);
      expect(kinds).to.include('content');
      expect([kinds.at(-1), end.complete, answer.facts.reason]).to.deep.equal(['terminal', true, 'stop']);
      const response = await streamed(bytes);
      expect(response.usage?.output_tokens).to.equal(answer.facts.usage?.output);
    });

    it(`of OpenAI are cut without their last event: ${name}`, () => {
      const last = upstream.lastIndexOf('event: ');
      expect(translateStream(own, upstream.subarray(0, last)).end.complete).to.equal(false);
    });
  }
});
