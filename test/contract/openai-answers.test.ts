/** Recorded answers of OpenAI and compatible providers, translated and then read by the official client. */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import OpenAI from 'openai';
import { isEmpty } from '../../src/dialects/answer-facts.ts';
import { asArray, asRecord, asString, type JsonRecord } from '../../src/shared/json.ts';
import { codecOf } from '../helpers/codecs.ts';
import { linesOf, streams, wholeAnswers } from './recordings.ts';
import { Replay } from './replay.ts';
import { bytewise, context, framed, translateStream } from './translate.ts';

const folders = ['openai', 'openai-compatible', 'gemini-compatible'];
const messages = [{ role: 'user' as const, content: 'hi' }];
const chat = codecOf('openai-chat', 'openai-chat');
const DONE = 'data: [DONE]\n\n';

/** The content of the recorded chunks, read without any of the code under test. */
function contentIn(lines: readonly string[]): { content: string; reasoning: string; calls: string[] } {
  const deltas = lines.flatMap((line) => {
    const choices = asArray(asRecord(JSON.parse(line))?.choices).map(asRecord);
    return choices.map((choice) => asRecord(choice?.delta) ?? {});
  });
  const joined = (read: (delta: JsonRecord) => unknown) => deltas.map((delta) => asString(read(delta)) ?? '').join('');
  const calls = deltas.flatMap((delta) => asArray(delta.tool_calls).map(asRecord));
  return {
    content: joined(({ content }) => content),
    reasoning: joined((delta) => delta.reasoning_content ?? delta.reasoning),
    calls: calls.flatMap((call) => asString(call?.id) ?? []),
  };
}

describe('answers in the chat dialect', () => {
  let replay: Replay;
  let client: OpenAI;
  before(async () => {
    replay = await Replay.start();
    client = new OpenAI({ apiKey: 'key', baseURL: replay.url, maxRetries: 0 });
  });
  after(() => replay.stop());

  for (const recording of wholeAnswers(...folders)) {
    it(`goes back unchanged and is readable: ${recording.name}`, async () => {
      const body = Buffer.from(recording.text);
      const response = chat.answer(body, context, null);
      expect(response.body).to.equal(body);
      expect(isEmpty(response.facts, false)).to.equal(false);
      expect(response.facts.usage?.output).to.be.greaterThan(0);
      replay.answerWith('application/json', response.body);
      const completion = await client.chat.completions.create({ model: 'm', messages });
      expect(completion).to.deep.equal(JSON.parse(recording.text));
      expect(completion.choices[0]?.finish_reason).to.equal(response.facts.reason);
    });
  }

  for (const recording of streams(...folders)) {
    const lines = linesOf(recording);
    const expected = contentIn(lines);
    const gemini = recording.name.includes('gemini');

    it(`is relayed unchanged and is readable: ${recording.name}`, async () => {
      const upstream = Buffer.concat([framed('openai', lines), Buffer.from(DONE)]);
      const { bytes, kinds, end, answer } = translateStream(chat, upstream);
      if (!gemini) expect(bytes.equals(upstream)).to.equal(true);
      expect(kinds.at(-1)).to.equal('terminal');
      expect(kinds).to.include('content');
      expect(end.complete).to.equal(true);

      replay.answerWith('text/event-stream', bytes);
      const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
      const received: string[] = [];
      for await (const chunk of stream) received.push(JSON.stringify(chunk));
      expect(contentIn(received)).to.deep.equal(expected);
      const finishes = received.flatMap((line) => JSON.parse(line).choices[0]?.finish_reason ?? []);
      expect(finishes).to.deep.equal([answer.facts.reason]);
    });

    it(`is complete without its [DONE], and cut without its finish reason: ${recording.name}`, () => {
      const whole = framed('openai', lines);
      const { bytes, end } = translateStream(chat, whole);
      expect(end.complete).to.equal(true);
      expect(bytes.toString().endsWith(DONE)).to.equal(true);
      const unfinished = lines.filter((line) => !/"finish_reason":"/.test(line));
      if (unfinished.length < lines.length) {
        expect(translateStream(chat, framed('openai', unfinished)).end.complete).to.equal(false);
      }
    });
  }

  for (const recording of streams('openai', 'gemini-compatible').filter(({ name }) => name.startsWith('own'))) {
    it(`is the same for any chunks of its bytes: ${recording.name}`, async () => {
      const upstream = Buffer.concat([framed('openai', linesOf(recording)), Buffer.from(DONE)]);
      const { bytes } = translateStream(chat, upstream);
      for (let cut = 1; cut < upstream.length; cut += 1) {
        const halves = translateStream(chat, upstream.subarray(0, cut), upstream.subarray(cut));
        expect(halves.bytes.equals(bytes), `cut at ${cut}`).to.equal(true);
      }
      expect(translateStream(chat, ...bytewise(upstream)).bytes.equals(bytes)).to.equal(true);

      replay.answerWith('text/event-stream', ...bytewise(bytes));
      const completion = await client.chat.completions.stream({ model: 'm', messages }).finalChatCompletion();
      expect(completion.choices[0]?.message.content ?? '').to.equal(contentIn(linesOf(recording)).content);
    });
  }

  it("gives the official client Gemini's tool calls, each with its index and arguments", async () => {
    const recording = streams('gemini-compatible').find(({ name }) => name.endsWith('tools'));
    const { bytes } = translateStream(chat, framed('openai', recording === undefined ? [] : linesOf(recording)));
    replay.answerWith('text/event-stream', bytes);
    const completion = await client.chat.completions.stream({ model: 'm', messages }).finalChatCompletion();
    const choice = completion.choices[0];
    expect(choice?.finish_reason).to.equal('tool_calls');
    const calls = choice?.message.tool_calls?.map((call) => (call.type === 'function' ? call.function : null));
    expect(calls?.map((called) => [called?.name, called?.arguments])).to.deep.equal([
      ['tide', '{"port":"Emden"}'],
      ['wind', '{}'],
    ]);
  });
});
