/**
 * Recordings of dialects that the product does not speak yet survive the neutral form: nothing that they say is lost on
 * the way into it, and the official OpenAI client reads it out of what is written from it.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import type { HubEvent } from '../../../src/dialects/hub.ts';
import { answerEvents } from '../../../src/dialects/hub-answer.ts';
import { HubStream } from '../../../src/dialects/hub-stream.ts';
import { ChunkWriter } from '../../../src/dialects/openai-chat/write-stream.ts';
import type { AnswerContext } from '../../../src/dialects/types.ts';
import { asRecord, asString } from '../../../src/shared/json.ts';
import { parseExact } from '../../../src/wire/exact-json.ts';
import { assertLegal, collected } from '../../helpers/hub-events.ts';
import { linesOf, streams, wholeAnswers } from '../recordings.ts';
import { Replay } from '../replay.ts';
import { type Content, contentOf, type Wire, wires } from './recorded-wires.ts';

const context: AnswerContext = {
  model: 'asked-for',
  includeUsage: true,
  createdAt: 1_750_000_000,
  requestId: 'r',
  choices: 1,
};

/** What the client calls each raw finish; a finish after calls is one of them. */
const finishReasons: Readonly<Record<string, string>> = {
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  max_tokens: 'length',
  guardrail_intervened: 'content_filter',
};

function hubEvents(wire: Wire, lines: readonly string[]): HubEvent[] {
  const reader = wire.reader();
  return wire.events(lines).flatMap((event) => reader.push(event));
}

/** Ids that the provider left out become null again, so that the rest can be compared. */
function withoutMintedIds(content: Content, like: Content): Content {
  const calls = content.calls.map((call, position) => ({ ...call, id: like.calls[position]?.id && call.id }));
  return { ...content, calls: calls.map((call) => ({ ...call, id: call.id ?? null })) };
}

for (const wire of wires) {
  describe(`${wire.name}, in the neutral form`, () => {
    for (const recording of streams(wire.folder)) {
      const lines = linesOf(recording);
      const { name } = recording;

      it(`has its events in a legal order, however much of them has come: ${name}`, () => {
        const events = hubEvents(wire, lines);
        expect(events.length).to.be.greaterThan(0);
        for (let cut = 0; cut <= events.length; cut += 1) assertLegal(events.slice(0, cut));
        expect(events.filter(({ type }) => type === 'finish')).to.have.length(1);
        expect(events.filter(({ type }) => type === 'close').length).to.equal(collected(events).blocks.length);
      });

      it(`keeps all that it says: ${name}`, () => {
        const expected = wire.contentOf(lines);
        const answer = collected(hubEvents(wire, lines));
        expect(withoutMintedIds(contentOf(answer), expected)).to.deep.equal(expected);
        const ids = contentOf(answer).calls.map(({ id }) => id);
        expect(new Set(ids).size).to.equal(ids.length);
        expect(ids.every((id) => /^[\w-]{1,40}$/.test(id ?? ''))).to.equal(true);
      });

      it(`keeps the digits of every large number: ${name}`, () => {
        const digits = (text: string) => text.match(/\d{16,}/g) ?? [];
        // Pieces of input may cut a number, so the pieces are joined first.
        const raw = digits(JSON.stringify(wire.merged(lines)));
        expect(digits(JSON.stringify(collected(hubEvents(wire, lines)).blocks))).to.include.members(raw);
      });

      it(`is the same answer as when it comes whole: ${name}`, () => {
        const answer = collected(hubEvents(wire, lines));
        expect(wire.readAnswer(wire.merged(lines))).to.deep.equal(answer);
        expect(collected(answerEvents(answer))).to.deep.equal(answer);
      });

      it(`is read the same twice, minted ids included: ${name}`, () => {
        expect(hubEvents(wire, lines)).to.deep.equal(hubEvents(wire, lines));
      });
    }

    for (const { name, text } of wholeAnswers(wire.folder)) {
      it(`has a whole answer that is its own stream again: ${name}`, () => {
        const answer = wire.readAnswer(asRecord(parseExact(text)) ?? {});
        expect(answer.finish).to.not.equal(null);
        assertLegal(answerEvents(answer));
        expect(collected(answerEvents(answer))).to.deep.equal(answer);
      });
    }

    const pairs = wholeAnswers(wire.folder).filter(({ name }) => name.startsWith('own'));
    for (const { name, text } of pairs) {
      it(`comes whole and in pieces as one answer: ${name}`, () => {
        const stream = streams(wire.folder).find((each) => each.name === name);
        const lines = stream === undefined ? [] : linesOf(stream);
        expect(wire.readAnswer(asRecord(parseExact(text)) ?? {})).to.deep.equal(collected(hubEvents(wire, lines)));
      });
    }
  });

  describe(`${wire.name}, written as chunks`, () => {
    let replay: Replay;
    let client: OpenAI;
    before(async () => {
      replay = await Replay.start();
      client = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
    });
    after(() => replay.stop());

    for (const recording of streams(wire.folder)) {
      it(`is read by the official client as what it was: ${recording.name}`, async () => {
        const lines = linesOf(recording);
        const stream = new HubStream(wire.reader(), new ChunkWriter(context), false);
        const steps = wire.events(lines).map((event) => stream.push(event));
        expect(stream.whole).to.equal(true);
        const end = stream.end();
        expect(end.complete).to.equal(true);
        replay.answerWith('text/event-stream', ...steps.map(({ bytes }) => bytes), end.bytes);

        const expected = wire.contentOf(lines);
        const read = await readByClient(client);
        expect(read.usage).to.deep.equal({ input: expected.input, output: expected.output });
        expect({ text: read.text, thought: read.thought }).to.deep.equal({
          text: expected.text,
          thought: expected.thought,
        });
        const { calls } = contentOf(collected(hubEvents(wire, lines)));
        expect(read.calls).to.deep.equal(calls);
        const plain = calls.length > 0 ? 'tool_calls' : 'stop';
        expect(read.finish).to.equal(finishReasons[expected.finish ?? ''] ?? plain);
        expect(stream.facts.reason).to.equal(expected.finish);
      });
    }
  });
}

/** What the official client puts together of a stream. */
async function readByClient(client: OpenAI) {
  const stream = client.chat.completions.stream({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    stream_options: { include_usage: true },
  });
  let thought = '';
  stream.on('chunk', (chunk) => {
    // OpenAI's types do not have it.
    thought += asString(asRecord(chunk.choices[0]?.delta)?.reasoning_content) ?? '';
  });
  const { choices, usage } = await stream.finalChatCompletion();
  const [choice] = choices;
  const calls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? call : []));
  return {
    text: choice?.message.content ?? '',
    thought,
    calls: calls.map((call) => ({ id: call.id, name: call.function.name, input: call.function.arguments })),
    finish: choice?.finish_reason,
    usage: { input: usage?.prompt_tokens, output: usage?.completion_tokens },
  };
}
