/** What is particular to Gemini's answers. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readAnswer } from '../../../src/dialects/gemini-generate/read-answer.ts';
import { GenerateReader } from '../../../src/dialects/gemini-generate/read-stream.ts';
import type { HubEvent } from '../../../src/dialects/hub.ts';
import { UnreadableAnswerError } from '../../../src/dialects/upstream-error.ts';
import { asRecord } from '../../../src/shared/json.ts';
import { parseExact } from '../../../src/wire/exact-json.ts';
import { assertLegal, collected } from '../../helpers/hub-events.ts';
import { errorBodies } from '../recordings.ts';
import { eventsOf } from './recorded-wires.ts';

function read(...chunks: readonly unknown[]): HubEvent[] {
  const reader = new GenerateReader();
  const events = eventsOf(chunks.map((chunk) => (typeof chunk === 'string' ? chunk : JSON.stringify(chunk))));
  const read = events.flatMap((event) => reader.push(event));
  assertLegal(read);
  return read;
}

/** A chunk of these parts. */
function chunk(parts: readonly object[], more: object = {}): object {
  return { candidates: [{ content: { role: 'model', parts }, ...more }], responseId: 'id' };
}

function thrownBy(act: () => void): UnreadableAnswerError {
  try {
    act();
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a stream of generateContent', () => {
  const call = { functionCall: { name: 'now', args: {} } };

  it('gives each call an id that no other call has, of the same answer or of another', () => {
    const ids = [chunk([call, call]), { ...chunk([call]), responseId: 'other' }].flatMap((each) =>
      collected(read(each)).blocks.map(({ head }) => (head.type === 'call' ? head.callId : '')),
    );
    expect(new Set(ids).size).to.equal(3);
    expect(ids.every((id) => /^call_[\w-]{24}$/.test(id))).to.equal(true);
  });

  it('gives a call its id however the stream is cut', () => {
    const { blocks } = collected(read(chunk([call, call])));
    expect(collected(read(chunk([call]), chunk([call]))).blocks).to.deep.equal(blocks);
  });

  it('keeps the digits of an argument above 2^53, and of one that no double can hold', () => {
    const args = '{"a":9007199254740993,"b":[-1.5,0.12345678901234567891,1e400],"c":"9007199254740993"}';
    const line = `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${args}}}]}}]}`;
    expect(collected(read(line)).blocks[0]?.text).to.equal(args);
    expect(readAnswer(asRecord(parseExact(line)) ?? {}).blocks[0]?.text).to.equal(args);
  });

  it('ends with calls if there are any, whichever chunk they came in', () => {
    const { finish } = collected(read(chunk([call]), chunk([{ text: '' }], { finishReason: 'STOP' })));
    expect(finish).to.deep.equal({ reason: 'calls', raw: 'STOP', stopSequence: null });
  });

  it('begins another text behind a signature, which belongs to the text before it', () => {
    const { blocks } = collected(read(chunk([{ text: 'a', thoughtSignature: 'one' }]), chunk([{ text: 'b' }])));
    expect(blocks.map(({ text, attached }) => [text, attached.length])).to.deep.equal([
      ['a', 1],
      ['b', 0],
    ]);
  });

  it('keeps a signature that comes after the finish', () => {
    const late = chunk([{ text: '', thoughtSignature: 'late' }]);
    const { blocks } = collected(read(chunk([{ text: 'a' }], { finishReason: 'STOP' }), late));
    expect(blocks.at(-1)?.attached).to.deep.equal([{ type: 'signature', of: 'gemini-generate', data: 'late' }]);
  });

  it('finishes once, with the first reason', () => {
    const events = read(chunk([{ text: 'a' }], { finishReason: 'STOP' }), chunk([], { finishReason: 'MAX_TOKENS' }));
    expect(events.filter(({ type }) => type === 'finish')).to.have.length(1);
    expect(collected(events).finish?.raw).to.equal('STOP');
  });

  it('reads the first candidate and no other', () => {
    const others = [1, 0, 2].map((index) => ({ index, content: { parts: [{ text: String(index) }] } }));
    expect(collected(read({ candidates: others })).blocks.map(({ text }) => text)).to.deep.equal(['0']);
  });

  it('says why a prompt was blocked', () => {
    const { blocks, finish } = collected(read({ promptFeedback: { blockReason: 'BLOCKLIST' } }));
    expect(blocks).to.deep.equal([]);
    expect(finish).to.deep.equal({ reason: 'filtered', raw: 'BLOCKLIST', stopSequence: null });
  });

  it('does not show the draft of an image', () => {
    const data = { mimeType: 'image/png', data: 'AAAA' };
    const { blocks } = collected(read(chunk([{ inlineData: data, thought: true }, { inlineData: data }])));
    expect(blocks.map(({ head }) => head.type)).to.deep.equal(['foreign', 'media']);
  });

  it('throws the error of the provider, with its wait, in an array too', () => {
    const recorded = errorBodies('gemini/google-429-retry-info.json').map(String);
    const own = JSON.stringify({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Quota.', details: [] } });
    for (const body of [own, ...recorded].map((text) => JSON.stringify(JSON.parse(text)))) {
      for (const text of [body, `[${body}]`]) {
        const { error } = thrownBy(() => read(chunk([{ text: 'a' }]), text));
        expect(error?.status).to.equal(429);
        if (body !== own) expect(error?.retryAfterMs).to.equal(34_400);
      }
    }
  });

  it('tells another dialect, and what is no object, from its own', () => {
    expect(thrownBy(() => read({ choices: [] })).otherForm).to.equal(true);
    expect(thrownBy(() => read('[]')).otherForm).to.equal(false);
    expect(thrownBy(() => readAnswer({ content: [] })).otherForm).to.equal(true);
    const reader = new GenerateReader();
    for (const event of eventsOf(['{"type":"message_start"}'])) expect(reader.push(event)).to.deep.equal([]);
    expect(reader.isOtherForm).to.equal(true);
  });
});
