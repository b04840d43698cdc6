import { expect } from 'chai';
import { describe, it } from 'mocha';
import { ToolCallRepair } from '../../../../src/dialects/openai-chat/tool-call-repair.ts';
import { ChatStream } from '../../../../src/dialects/openai-chat/watch.ts';
import { asArray, asRecord, type JsonRecord } from '../../../../src/shared/json.ts';
import { dataOf, payloadsOf, stepsOf } from '../events.ts';

const chunk = (calls: readonly object[], finish: string | null = null) => ({
  choices: [{ index: 0, delta: calls.length === 0 ? {} : { tool_calls: calls }, finish_reason: finish }],
});
const begin = (id: string, more: object = {}) => ({ id, function: { name: 'f', arguments: '' }, ...more });
const piece = (text: string, more: object = {}) => ({ function: { arguments: text }, ...more });

function choicesAfter(...chunks: readonly object[]): (JsonRecord | null)[] {
  const payloads = payloadsOf(...stepsOf(new ChatStream({ choices: 1, includeUsage: false }), ...chunks));
  return payloads.map((payload) => asRecord(asArray(asRecord(payload)?.choices)[0]));
}
const indicesOf = (choices: readonly (JsonRecord | null)[]) =>
  choices.map((choice) => asArray(asRecord(choice?.delta)?.tool_calls).map((call) => asRecord(call)?.index));
const finishOf = (choices: readonly (JsonRecord | null)[]) => choices.at(-1)?.finish_reason;

/** A chunk's choice with many calls, none of which has an index. */
const manyCalls = (count: number) => ({
  index: 0,
  delta: { tool_calls: Array.from({ length: count }, (_, id) => ({ id: `c${id}`, function: { name: 'f' } })) },
});

describe('many tool calls without an index', () => {
  it('are numbered in linear time', () => {
    const startedMs = performance.now();
    const repaired = new ToolCallRepair().repair(manyCalls(60_000));
    const calls = (repaired.delta as { tool_calls: { index: number }[] }).tool_calls;
    expect(calls.map(({ index }) => index)).to.deep.equal(Array.from({ length: 60_000 }, (_, index) => index));
    // Quadratic, it would take half a minute.
    expect(performance.now() - startedMs).to.be.below(5_000);
  });
});

describe('ToolCallRepair', () => {
  it('leaves a stream that follows the reference unchanged, byte by byte', () => {
    const stream = new ChatStream({ choices: 1, includeUsage: false });
    for (const payload of [
      chunk([begin('a', { index: 0 })]),
      chunk([piece('{', { index: 0 }), begin('b', { index: 1 })]),
      chunk([piece('}', { index: 1 })]),
      chunk([], 'stop'),
    ]) {
      const event = dataOf(payload);
      expect(stream.push(event).bytes).to.equal(event.raw);
    }
  });

  it('assigns an index to calls without one by their ids', () => {
    const choices = choicesAfter(
      chunk([begin('a'), begin('b')]),
      chunk([begin('c')]),
      chunk([piece('{}', { id: 'a' })]),
    );
    expect(indicesOf(choices)).to.deep.equal([[0, 1], [2], [0]]);
  });

  it('adds a piece without index and id to the last call', () => {
    const choices = choicesAfter(
      chunk([begin('a')]),
      chunk([piece('{')]),
      chunk([begin('')]),
      chunk([piece('}'), { extra_content: { google: { thought_signature: 's' } } }]),
    );
    expect(indicesOf(choices)).to.deep.equal([[0], [0], [1], [1, 1]]);
  });

  it('separates two calls with the same index', () => {
    const choices = choicesAfter(
      chunk([begin('a', { index: 0 })]),
      chunk([begin('b', { index: 0 }), piece('{}', { index: 0 })]),
    );
    expect(indicesOf(choices)).to.deep.equal([[0], [1, 1]]);
  });

  it('does not start another call for a repeated id, or for a new id without a name', () => {
    const choices = choicesAfter(
      chunk([begin('a', { index: 0 })]),
      chunk([begin('a', { index: 0 })]),
      chunk([piece('x', { index: 0, id: 'z' })]),
    );
    expect(indicesOf(choices)).to.deep.equal([[0], [0], [0]]);
  });

  it('gives an id to the first piece of a call that has none, and keeps it', () => {
    const nameless = { function: { name: 'f', arguments: '' } };
    const idsOf = (...chunks: readonly object[]) =>
      choicesAfter(...chunks).map((choice) =>
        asArray(asRecord(choice?.delta)?.tool_calls).map((call) => asRecord(call)?.id),
      );
    const [[first, second] = [], [third] = []] = idsOf(
      chunk([
        { ...nameless, index: 0 },
        { ...nameless, id: '', index: 1 },
      ]),
      chunk([begin('a', { index: 2 })]),
    );
    expect([first, second]).to.satisfy((ids: unknown[]) => ids.every((id) => /^call_[\da-f]{24}$/.test(String(id))));
    expect(first).to.not.equal(second);
    expect(third).to.equal('a');
    const later = idsOf(
      chunk([{ ...nameless, index: 0 }]),
      chunk([piece('{}', { index: 0 })]),
      chunk([piece('', { index: 0, id: 'late' })]),
    );
    expect(later).to.deep.equal([[first], [undefined], [first]]);
  });

  it('changes stop to tool_calls in a stream with signs of Gemini', () => {
    expect(finishOf(choicesAfter(chunk([begin('a')]), chunk([], 'stop')))).to.equal('tool_calls');
    expect(finishOf(choicesAfter(chunk([begin('a')], 'stop')))).to.equal('tool_calls');
    const signed = begin('a', { index: 0, extra_content: { google: {} } });
    expect(finishOf(choicesAfter(chunk([signed]), chunk([], 'stop')))).to.equal('tool_calls');
  });

  it('keeps stop if no tool was called, and any other reason', () => {
    expect(finishOf(choicesAfter(chunk([], 'stop')))).to.equal('stop');
    expect(finishOf(choicesAfter(chunk([begin('a')]), chunk([], 'length')))).to.equal('length');
  });

  it('keeps all other fields of the chunk', () => {
    const signed = begin('a', { extra_content: { google: { thought_signature: 's' } } });
    const [payload] = payloadsOf(
      ...stepsOf(new ChatStream({ choices: 1, includeUsage: false }), { id: 'x', ...chunk([signed]), usage: null }),
    );
    expect(payload).to.deep.equal({ id: 'x', ...chunk([{ ...signed, index: 0 }]), usage: null });
  });
});
