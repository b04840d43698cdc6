import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { MessageReader } from '../../../../src/dialects/anthropic-messages/read-stream.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { DONE_EVENT } from '../../../../src/wire/sse.ts';
import { answerContext, codecOf } from '../../../helpers/codecs.ts';
import { assertLegal } from '../../../helpers/hub-events.ts';
import { dataOf, eventOf, payloadsOf, stepsOf } from '../events.ts';

const newStream = (includeUsage = false) =>
  codecOf('openai-chat', 'anthropic-messages').stream(answerContext({ includeUsage }));
const start = {
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude-x', content: [], usage: { input_tokens: 10, output_tokens: 1 } },
};
const blockStart = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, value: object) => ({ type: 'content_block_delta', index, delta: value });
const text = (value: string, index = 0) => delta(index, { type: 'text_delta', text: value });
const json = (partial_json: string, index: number) => delta(index, { type: 'input_json_delta', partial_json });
const blockStop = (index: number) => ({ type: 'content_block_stop', index });
const messageDelta = (stop_reason: string | null, usage: object = { output_tokens: 9 }) => ({
  type: 'message_delta',
  delta: { stop_reason },
  usage,
});
const messageStop = { type: 'message_stop' };
const toolStart = (index: number, id: string, input: object = {}) =>
  blockStart(index, { type: 'tool_use', id, name: `f_${id}`, input });

function run(includeUsage: boolean, ...payloads: readonly unknown[]) {
  const stream = newStream(includeUsage);
  const steps = stepsOf(stream, ...payloads);
  return { stream, kinds: steps.map(({ kind }) => kind), chunks: payloadsOf(...steps) };
}
const deltasOf = (chunks: readonly unknown[]) =>
  (chunks as { choices: { delta: unknown }[] }[]).map(({ choices }) => choices[0]?.delta);

describe('a stream in the messages dialect', () => {
  it('becomes chunks that share id, model and time', () => {
    const { kinds, chunks, stream } = run(
      false,
      start,
      { type: 'ping' },
      blockStart(0, { type: 'text', text: '' }),
      text('Hel'),
      text('lo'),
      blockStop(0),
      messageDelta('end_turn'),
      messageStop,
    );
    expect(kinds).to.deep.equal([
      'metadata',
      'metadata',
      'metadata',
      'content',
      'content',
      'metadata',
      'finish',
      'terminal',
    ]);
    const chunk = (value: object, finish_reason: string | null = null) => ({
      id: 'msg_1',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [{ index: 0, delta: value, logprobs: null, finish_reason }],
    });
    expect(chunks).to.deep.equal([
      chunk({ role: 'assistant', content: '', refusal: null }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
      '[DONE]',
    ]);
    expect(stream.facts).to.include({ hasParts: true, reason: 'end_turn' });
    expect(stream.facts.usage).to.include({ input: 10, output: 9 });
  });

  it('sends the usage chunk only if requested, and a null usage before it', () => {
    const { chunks } = run(true, start, text('x'), messageDelta('end_turn'), messageStop);
    expect(chunks.slice(0, 3).map((chunk) => (chunk as { usage: unknown }).usage)).to.deep.equal([null, null, null]);
    expect(chunks[3]).to.deep.include({
      choices: [],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 9,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(chunks[4]).to.equal('[DONE]');
  });

  it('overwrites earlier counts with later ones, except with null', () => {
    const later = { input_tokens: 61, output_tokens: 2, cache_read_input_tokens: null };
    const first = { ...start, message: { ...start.message, usage: { input_tokens: 43, cache_read_input_tokens: 5 } } };
    expect(run(false, first, messageDelta('end_turn', later)).stream.facts.usage).to.include({
      input: 66,
      output: 2,
      cacheRead: 5,
    });
    expect(run(false).stream.facts.usage).to.equal(null);
  });

  it('numbers tool calls from 0, independent of their block index', () => {
    const { chunks } = run(
      false,
      start,
      text('ok'),
      toolStart(1, 'a'),
      json('', 1),
      json('{"x":', 1),
      toolStart(2, 'b'),
      json('1}', 1),
      json('{}', 2),
    );
    const call = (index: number, id: string) => ({
      index,
      id,
      type: 'function',
      function: { name: `f_${id}`, arguments: '' },
    });
    const piece = (index: number, written: string) => ({ index, function: { arguments: written } });
    expect(deltasOf(chunks).slice(2)).to.deep.equal([
      { tool_calls: [call(0, 'a')] },
      { tool_calls: [piece(0, '{"x":')] },
      { tool_calls: [call(1, 'b')] },
      { tool_calls: [piece(0, '1}')] },
      { tool_calls: [piece(1, '{}')] },
    ]);
  });

  it('sends the arguments of its start for a call without streamed arguments', () => {
    const { chunks } = run(
      false,
      start,
      toolStart(0, 'a'),
      json('', 0),
      blockStop(0),
      toolStart(1, 'b', { x: 1 }),
      blockStop(1),
    );
    expect(deltasOf(chunks).filter((_, index) => index === 2 || index === 4)).to.deep.equal([
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{"x":1}' } }] },
    ]);
  });

  it('translates thinking to reasoning, and leaves signatures and citations out', () => {
    const { chunks, kinds } = run(
      false,
      start,
      blockStart(0, { type: 'thinking', thinking: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      delta(0, { type: 'thinking_delta', thinking: '' }),
      delta(0, { type: 'signature_delta', signature: 's' }),
      delta(1, { type: 'citations_delta', citation: {} }),
    );
    expect(kinds).to.deep.equal(['metadata', 'metadata', 'content', 'metadata', 'metadata', 'metadata']);
    expect(deltasOf(chunks)[1]).to.deep.equal({ reasoning_content: 'hm' });
  });

  it('takes a piece for what it says it is, whether its block has not begun or began as another', () => {
    const { chunks } = run(
      false,
      start,
      text('a'),
      text('b'),
      delta(0, { type: 'thinking_delta', thinking: 'hm' }),
      json('{"lost":1}', 0),
      text('c'),
      toolStart(1, 'a'),
      text('d', 1),
      json('{}', 1),
      blockStop(1),
    );
    expect(deltasOf(chunks).slice(1)).to.deep.equal([
      { content: 'a' },
      { content: 'b' },
      { reasoning_content: 'hm' },
      { content: 'c' },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f_a', arguments: '' } }] },
      { content: 'd' },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
    ]);
  });

  it("leaves out the provider's own tools and unknown events", () => {
    const { chunks } = run(
      false,
      start,
      blockStart(0, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      json('{"query":1}', 0),
      blockStop(0),
      blockStart(1, { type: 'web_search_tool_result', content: [] }),
      { type: 'unheard_of', index: 1 },
      start,
    );
    expect(chunks.length).to.equal(1);
  });

  it('is whole with its stop reason, and is then owed what message_stop brings', () => {
    const { stream } = run(false, start, text('x'));
    expect([stream.whole, stream.end().complete]).to.deep.equal([false, false]);
    stream.push(dataOf(messageDelta('end_turn')));
    expect(stream.whole).to.equal(true);
    expect(stream.end()).to.deep.equal({ complete: true, bytes: DONE_EVENT, otherForm: false });
    expect(run(false, start, messageStop).stream.end().complete).to.equal(true);
    expect(run(false, start, messageStop, text('late')).chunks.length).to.equal(2);
  });

  it('finds errors, at the start and in the middle', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    for (const before of [[], [start, text('x')]]) {
      const stream = newStream();
      const step = stepsOf(stream, ...before, error).at(-1);
      expect(step).to.deep.include({ kind: 'error', bytes: Buffer.alloc(0) });
      expect(step?.error).to.include({ status: 529, message: 'Overloaded', type: 'overloaded_error' });
    }
  });

  it('reads a comment as kind comment, and a ping as metadata', () => {
    expect(newStream().push(eventOf(': waiting\n\n')).kind).to.equal('comment');
    expect(newStream().push(eventOf('event: ping\ndata: {"type": "ping"}\n\n')).kind).to.equal('metadata');
  });

  it('reads padded data', () => {
    const stream = newStream();
    stream.push(dataOf(start));
    const padded = 'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}      }\n\n';
    expect(stream.push(eventOf(padded)).kind).to.equal('content');
  });

  it('tells a stream of another dialect from one that was cut', () => {
    expect(() => newStream().push(dataOf({ choices: [] })))
      .to.throw(UnreadableAnswerError)
      .with.property('otherForm', true);
    const others = newStream();
    others.push(dataOf({ delta: 'x' }));
    expect(others.end()).to.include({ complete: false, otherForm: true });
    const pinged = newStream();
    pinged.push(dataOf({ type: 'ping' }));
    expect(pinged.end().otherForm).to.equal(false);
  });

  it('has legal events in the neutral form, whatever rules of the dialect it breaks', () => {
    const read = (...payloads: readonly object[]) => {
      const reader = new MessageReader();
      const events = payloads.flatMap((payload) => reader.push(dataOf(payload)));
      assertLegal(events);
      return events.map((event) => (event.type === 'delta' ? `delta ${event.text}` : event.type));
    };
    expect(read(messageStop, messageStop, start, text('late'))).to.deep.equal(['start', 'end']);
    expect(read(messageDelta(null), messageStop)).to.deep.equal(['start', 'usage', 'end']);
    expect(read(messageDelta(null), start, messageDelta(null, {}))).to.deep.equal(['start', 'usage']);
    expect(read(start, messageDelta('end_turn'), messageDelta('max_tokens', {}), messageStop)).to.deep.equal([
      ...['start', 'usage', 'usage', 'finish', 'end'],
    ]);
    const textStart = blockStart(0, { type: 'text', text: '' });
    expect(
      read(start, toolStart(0, 'a'), textStart, text('x'), toolStart(1, 'b', { y: 1 }), messageStop),
    ).to.deep.equal([
      ...['start', 'usage', 'open', 'delta {}', 'close', 'open', 'delta x', 'open'],
      ...['close', 'delta {"y":1}', 'close', 'end'],
    ]);
  });

  it('keeps its first stop reason, and takes an empty one for none', () => {
    const { stream, chunks } = run(false, start, text('x'), messageDelta(''), messageDelta('end_turn'));
    expect(stream.facts.reason).to.equal('end_turn');
    const again = stepsOf(stream, messageDelta('max_tokens'), messageStop);
    expect(stream.facts.reason).to.equal('end_turn');
    const finishes = [...chunks, ...payloadsOf(...again)].flatMap(
      (chunk) => (chunk as { choices?: { finish_reason: string | null }[] }).choices?.[0]?.finish_reason ?? [],
    );
    expect(finishes).to.deep.equal(['stop']);
  });

  it('is an answer of nothing where its end is all that comes, for a client of either dialect', () => {
    for (const client of ['openai-chat', 'anthropic-messages']) {
      const stream = codecOf(client, 'anthropic-messages').stream(answerContext());
      expect(stepsOf(stream, messageStop).map(({ kind }) => kind)).to.deep.equal(['terminal']);
      expect(stream.end()).to.include({ complete: true });
      expect(isEmpty(stream.facts, true)).to.equal(true);
    }
  });

  it('throws on events that cannot be read', () => {
    for (const payload of [
      '{"type":',
      'null',
      'text',
      '[]',
      text('content before its start'),
      messageDelta('end_turn'),
    ]) {
      expect(() => newStream().push(dataOf(payload))).to.throw(UnreadableAnswerError);
    }
  });
});
