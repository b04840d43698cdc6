/**
 * Recorded answers of OpenAI and compatible providers, for a client of Anthropic's messages. The official Anthropic client
 * must read in the translation what the official OpenAI client reads in the recording.
 */

import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts';
import { codecOf } from '../helpers/codecs.ts';
import { type AnswerContent, contentOfChunks, contentOfCompletion, contentOfMessage } from './answer-content.ts';
import { linesOf, type Recording, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, eventsIn, framed, translateStream } from './translate.ts';

const folders = ['openai', 'openai-compatible', 'gemini-compatible'];
const codec = codecOf('anthropic-messages', 'openai-chat');
const chat = codecOf('openai-chat', 'openai-chat');
const DONE = Buffer.from('data: [DONE]\n\n');
const messages = [{ role: 'user' as const, content: 'hi' }];
const params = { model: 'm', max_tokens: 10, messages };

function recorded(recording: Recording): Buffer {
  return Buffer.concat([framed('openai', linesOf(recording)), DONE]);
}

describe('answers in the chat dialect for a client of messages', () => {
  let replay: Replay;
  let theirs: OpenAI;
  let ours: Anthropic;
  before(async () => {
    replay = await Replay.start();
    theirs = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    ours = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  /** What OpenAI's client reads: Gemini's calls only as they are passed on to it, with their indexes. */
  async function readByTheirs(upstream: Buffer): Promise<AnswerContent> {
    replay.answerWith('text/event-stream', translateStream(chat, upstream).bytes);
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of await theirs.chat.completions.create({ model: 'm', messages, stream: true })) {
      chunks.push(chunk);
    }
    return contentOfChunks(chunks);
  }

  async function readByOurs(...pieces: readonly Buffer[]): Promise<AnswerContent> {
    replay.answerWith('text/event-stream', ...pieces);
    return contentOfMessage(await ours.messages.stream(params).finalMessage());
  }

  for (const recording of wholeAnswers(...folders)) {
    it(`have the same content in both dialects: ${recording.name}`, async () => {
      replay.answerWith('application/json', Buffer.from(recording.text));
      const expected = contentOfCompletion(await theirs.chat.completions.create({ model: 'm', messages }));
      const { body, facts } = codec.answer(Buffer.from(recording.text), context, null);
      expect(isEmpty(facts, false)).to.equal(false);
      expect(facts.usage).to.include({ input: expected.input, output: expected.output });
      replay.answerWith('application/json', body);
      expect(contentOfMessage(await ours.messages.create(params))).to.deep.equal(expected);
      const { events, terminal } = anthropicMessages.split(body, context);
      expect(await readByOurs(events, terminal)).to.deep.equal(expected);
    });
  }

  for (const recording of streams(...folders)) {
    it(`stream the same content in both dialects: ${recording.name}`, async () => {
      const expected = await readByTheirs(recorded(recording));
      const { bytes, kinds, end, answer } = translateStream(codec, recorded(recording));
      expect(kinds).to.include('content');
      expect(kinds.at(-1)).to.equal('terminal');
      expect(end.complete).to.equal(true);
      expect(answer.facts.usage?.output ?? 0).to.equal(expected.output);
      expect(isEmpty(answer.facts, false)).to.equal(false);
      expect(await readByOurs(bytes)).to.deep.equal(expected);
    });

    it(`are whole without their [DONE], and cut without their finish reason: ${recording.name}`, () => {
      const whole = translateStream(codec, recorded(recording));
      const undone = translateStream(codec, framed('openai', linesOf(recording)));
      expect(undone.end.complete).to.equal(true);
      expect(undone.bytes.equals(whole.bytes)).to.equal(true);
      const finishAt = linesOf(recording).findIndex((line) => /"finish_reason":\s*"/.test(line));
      const { bytes, end } = translateStream(codec, framed('openai', linesOf(recording).slice(0, finishAt)));
      expect(end.complete).to.equal(false);
      expect(bytes.toString()).to.not.match(/event: message_(?:delta|stop)/);
    });

    it(`are collected to the same content: ${recording.name}`, async () => {
      const { bytes } = translateStream(codec, recorded(recording));
      const collector = anthropicMessages.collect();
      for (const event of eventsIn(bytes)) collector.push(event);
      replay.answerWith('application/json', collector.body());
      const collected = contentOfMessage(await ours.messages.create(params));
      expect(collected).to.deep.equal(await readByTheirs(recorded(recording)));
    });
  }

  for (const recording of streams(...folders).filter(({ name }) => name.startsWith('own'))) {
    it(`are the same for any chunks of their bytes: ${recording.name}`, async () => {
      const upstream = recorded(recording);
      const { bytes } = translateStream(codec, upstream);
      for (let cut = 1; cut < upstream.length; cut += 1) {
        const halves = translateStream(codec, upstream.subarray(0, cut), upstream.subarray(cut));
        expect(halves.bytes.equals(bytes), `cut at ${cut}`).to.equal(true);
      }
      expect(translateStream(codec, ...bytewise(upstream)).bytes.equals(bytes)).to.equal(true);
      expect(await readByOurs(...bytewise(bytes))).to.deep.equal(await readByOurs(bytes));
    });
  }
});
