/** Recorded answers of Anthropic for a client of its own dialect: their bytes go back as they came, and are understood. */

import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts';
import { JsonDigest } from '../../src/wire/json-digest.ts';
import { codecOf } from '../helpers/codecs.ts';
import { contentOfMessage } from './answer-content.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, eventsIn, framed, translateStream } from './translate.ts';

const codec = codecOf('anthropic-messages', 'anthropic-messages');
const params = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }] };

describe('answers in the messages dialect for a client of it', () => {
  let replay: Replay;
  let client: Anthropic;
  before(async () => {
    replay = await Replay.start();
    client = new Anthropic({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  async function streamed(...pieces: readonly Buffer[]): Promise<Anthropic.Message> {
    replay.answerWith('text/event-stream', ...pieces);
    return await client.messages.stream(params).finalMessage();
  }

  async function plain(body: Buffer): Promise<Anthropic.Message> {
    replay.answerWith('application/json', body);
    return await client.messages.create(params);
  }

  for (const recording of wholeAnswers('anthropic')) {
    const body = Buffer.from(recording.text);

    it(`go back unchanged, with their facts: ${recording.name}`, async () => {
      const message = await plain(body);
      const { input, output } = contentOfMessage(message);
      for (const digest of [null, JsonDigest.of(body)]) {
        const { body: sent, facts } = codec.answer(body, context, digest);
        expect(sent).to.equal(body);
        expect(facts).to.include({ hasParts: message.content.length > 0, reason: message.stop_reason });
        expect(facts.usage).to.include({ input, output });
        expect(isEmpty(facts, false)).to.equal(false);
      }
    });

    it(`are the same as events: ${recording.name}`, async () => {
      const { events, terminal } = anthropicMessages.split(body, context);
      expect(eventsIn(terminal).map(({ event }) => event)).to.deep.equal(['message_delta', 'message_stop']);
      const { content, id, model, stop_reason, stop_sequence = null } = await plain(body);
      expect(await streamed(events, terminal)).to.deep.include({ content, id, model, stop_reason, stop_sequence });
    });
  }

  for (const recording of streams('anthropic')) {
    const upstream = framed('anthropic', linesOf(recording));

    it(`are relayed unchanged, with their facts: ${recording.name}`, async () => {
      const { bytes, kinds, end, answer } = translateStream(codec, upstream);
      expect(bytes.equals(upstream)).to.equal(true);
      expect(kinds.at(-1)).to.equal('terminal');
      expect(end.complete).to.equal(true);
      const message = await streamed(upstream);
      const { input, output } = contentOfMessage(message);
      expect(answer.facts).to.include({ hasParts: message.content.length > 0, reason: message.stop_reason });
      expect(answer.facts.usage).to.include({ input, output });
    });

    it(`get their message_stop if it is missing, and nothing if they were cut: ${recording.name}`, async () => {
      const unstopped = translateStream(codec, framed('anthropic', linesOf(recording).slice(0, -1)));
      expect(unstopped.end.complete).to.equal(true);
      expect(await streamed(unstopped.bytes)).to.deep.equal(await streamed(upstream));
      const isReason = (line: string) => line.includes('"message_delta"');
      const begun = framed('anthropic', linesOf(recording).slice(0, linesOf(recording).findIndex(isReason)));
      const cut = translateStream(codec, begun);
      expect(cut.end.complete).to.equal(false);
      expect(cut.bytes.equals(begun)).to.equal(true);
    });

    it(`are the same when they are collected: ${recording.name}`, async () => {
      const collector = anthropicMessages.collect();
      for (const event of eventsIn(upstream)) collector.push(event);
      const { content, id, model, stop_reason, stop_sequence } = await streamed(upstream);
      const collected = await plain(collector.body());
      expect(collected).to.deep.include({ content, id, model, stop_reason, stop_sequence });
      expect(contentOfMessage(collected)).to.deep.equal(contentOfMessage(await streamed(upstream)));
    });
  }

  for (const recording of streams('anthropic').filter(({ name }) => name.startsWith('own'))) {
    it(`are unchanged for any chunks of their bytes: ${recording.name}`, () => {
      const upstream = framed('anthropic', linesOf(recording));
      const facts = translateStream(codec, upstream).answer.facts;
      for (let cut = 1; cut < upstream.length; cut += 1) {
        const halves = translateStream(codec, upstream.subarray(0, cut), upstream.subarray(cut));
        expect(halves.bytes.equals(upstream), `cut at ${cut}`).to.equal(true);
        expect(halves.answer.facts).to.deep.equal(facts);
      }
      expect(translateStream(codec, ...bytewise(upstream)).bytes.equals(upstream)).to.equal(true);
    });
  }
});
