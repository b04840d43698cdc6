/**
 * Recorded answers of Anthropic. The official OpenAI client must read in the translation what the official Anthropic
 * client reads in the recording.
 */
import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { asRecord, asString } from '../../src/shared/json.ts';
import { codecOf } from '../helpers/codecs.ts';
import { type AnswerContent, contentOfCompletion, contentOfMessage } from './answer-content.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, framed, translateStream } from './translate.ts';

const codec = codecOf('openai-chat', 'anthropic-messages');
const messages = [{ role: 'user' as const, content: 'hi' }];
describe('answers in the messages dialect', () => {
  let replay: Replay;
  let theirs: Anthropic;
  let ours: OpenAI;
  before(async () => {
    replay = await Replay.start();
    theirs = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    ours = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  const params = { model: 'm', max_tokens: 10, messages };

  async function readStream(pieces: readonly Buffer[]): Promise<AnswerContent> {
    replay.answerWith('text/event-stream', ...pieces);
    const options = { include_usage: true };
    const stream = ours.chat.completions.stream({ model: 'm', messages, stream_options: options });
    let reasoning = '';
    stream.on('chunk', (chunk) => {
      // OpenAI's types do not have it.
      reasoning += asString(asRecord(chunk.choices[0]?.delta)?.reasoning_content) ?? '';
    });
    return contentOfCompletion(await stream.finalChatCompletion(), reasoning);
  }

  for (const recording of wholeAnswers('anthropic')) {
    it(`has the same content in both dialects: ${recording.name}`, async () => {
      replay.answerWith('application/json', Buffer.from(recording.text));
      const expected = contentOfMessage(await theirs.messages.create(params));
      const response = codec.answer(Buffer.from(recording.text), context, null);
      expect(isEmpty(response.facts, false)).to.equal(false);
      replay.answerWith('application/json', response.body);
      const completion = await ours.chat.completions.create({ model: 'm', messages });
      expect(contentOfCompletion(completion)).to.deep.equal(expected);
    });
  }

  for (const recording of streams('anthropic')) {
    it(`streams the same content in both dialects: ${recording.name}`, async () => {
      const upstream = framed('anthropic', linesOf(recording));
      replay.answerWith('text/event-stream', upstream);
      const expected = contentOfMessage(await theirs.messages.stream(params).finalMessage());
      const { bytes, kinds, end } = translateStream(codec, upstream);
      expect(kinds.at(-1)).to.equal('terminal');
      expect(end.complete).to.equal(true);
      expect(await readStream([bytes])).to.deep.equal(expected);
    });

    it(`is whole without its message_stop, and cut without its stop reason: ${recording.name}`, () => {
      const whole = translateStream(codec, framed('anthropic', linesOf(recording)));
      const unstopped = translateStream(codec, framed('anthropic', linesOf(recording).slice(0, -1)));
      expect(unstopped.end.complete).to.equal(true);
      expect(unstopped.bytes.equals(whole.bytes)).to.equal(true);
      const isReason = (line: string) => line.includes('"message_delta"');
      const cut = linesOf(recording).slice(0, linesOf(recording).findIndex(isReason));
      const { bytes, end } = translateStream(codec, framed('anthropic', cut));
      expect(end.complete).to.equal(false);
      expect(bytes.toString()).to.not.include('[DONE]');
    });
  }

  for (const recording of streams('anthropic').filter(({ name }) => name.startsWith('own'))) {
    it(`is the same for any chunks of its bytes: ${recording.name}`, async () => {
      const upstream = framed('anthropic', linesOf(recording));
      const { bytes } = translateStream(codec, upstream);
      for (let cut = 1; cut < upstream.length; cut += 1) {
        const halves = translateStream(codec, upstream.subarray(0, cut), upstream.subarray(cut));
        expect(halves.bytes.equals(bytes), `cut at ${cut}`).to.equal(true);
      }
      expect(translateStream(codec, ...bytewise(upstream)).bytes.equals(bytes)).to.equal(true);
      expect(await readStream(bytewise(bytes))).to.deep.equal(await readStream([bytes]));
    });
  }
});
