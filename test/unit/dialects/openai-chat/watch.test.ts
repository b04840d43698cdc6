import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { ChatStream } from '../../../../src/dialects/openai-chat/watch.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { dataOf, eventOf, payloadsOf, stepsOf } from '../events.ts';

/** A new stream for a request with these wishes. */
function newStream(given: { choices?: number; includeUsage?: boolean } = {}): ChatStream {
  return new ChatStream({ choices: 1, includeUsage: false, ...given });
}

const chunk = (delta: object, finish: string | null = null, index = 0) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index, delta, finish_reason: finish }],
});
const kindOf = (payload: unknown) => newStream().push(dataOf(payload)).kind;

describe('a stream in the chat dialect', () => {
  it("forwards each event's bytes unchanged", () => {
    const stream = newStream();
    for (const text of [
      'data: {"choices":[ {"index":0,"delta":{"content":"é"}} ],"x":1.00}\n\n',
      'data:{"choices":[]}\r\n\r\n',
      ': comment\n\n',
      'id: 7\ndata: {"choices":[]}\n\n',
    ]) {
      expect(stream.push(eventOf(text)).bytes.toString()).to.equal(text);
    }
  });

  it('distinguishes content from metadata events', () => {
    const frames = [{ role: 'assistant', content: '', refusal: null }, {}, { content: null, reasoning_content: '' }];
    for (const delta of frames) expect(kindOf(chunk(delta))).to.equal('metadata');
    const contents = [
      { content: 'x' },
      { reasoning: 'x' },
      { reasoning_content: 'x' },
      { refusal: 'x' },
      { content: [{ type: 'thinking', thinking: [] }] },
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] },
      { function_call: { name: 'f' } },
      { audio: { data: '' } },
    ];
    for (const delta of contents) expect(kindOf(chunk(delta))).to.equal('content');
  });

  it('reads a comment, and an event without data, as kind comment', () => {
    expect(newStream().push(eventOf(': OPENROUTER PROCESSING\n\n')).kind).to.equal('comment');
    const empty = newStream().push(eventOf('data:\n\n'));
    expect(empty.kind).to.equal('comment');
    expect(empty.bytes.length).to.equal(0);
  });

  it('reads the finish reason, alone or together with content', () => {
    const stream = newStream();
    expect(stepsOf(stream, chunk({ content: 'x' }), chunk({}, 'length')).map(({ kind }) => kind)).to.deep.equal([
      'content',
      'finish',
    ]);
    expect(stream.facts.reason).to.equal('length');
    expect(kindOf(chunk({ content: 'x' }, 'stop'))).to.equal('content');
  });

  it('reads usage from any chunk; the last one counts', () => {
    const stream = newStream();
    const usage = (count: number) => ({ prompt_tokens: 3, completion_tokens: count, total_tokens: 3 + count });
    stepsOf(stream, { ...chunk({ content: 'x' }), usage: usage(1) }, { choices: [], usage: usage(9) });
    stepsOf(stream, { choices: [], usage: null });
    expect(stream.facts.usage).to.include({ input: 3, output: 9 });
  });

  it('has its reason in whichever field it stands, as far as it is an answer without content', () => {
    for (const fields of [{ native_finish_reason: 'MAX_TOKENS' }, { stop_reason: 128009 }]) {
      const stream = newStream();
      stream.push(dataOf({ choices: [{ index: 0, delta: {}, finish_reason: null, ...fields }] }));
      expect([isEmpty(stream.facts, false), stream.whole]).to.deep.equal([false, false]);
    }
  });

  it('ends with [DONE], and forwards nothing after it', () => {
    const stream = newStream();
    const [terminal, after] = stepsOf(stream, '[DONE]', chunk({ content: 'late' }));
    expect(terminal?.kind).to.equal('terminal');
    expect(terminal?.bytes.toString()).to.equal('data: [DONE]\n\n');
    expect(after).to.include({ kind: 'metadata' });
    expect(after?.bytes.length).to.equal(0);
    expect(stream.end()).to.deep.equal({ complete: true, bytes: Buffer.alloc(0), otherForm: false });
  });

  it('is complete if it ends after a finish reason, and then adds [DONE]', () => {
    const stream = newStream();
    stepsOf(stream, chunk({ content: 'x' }), chunk({}, 'stop'));
    const end = stream.end();
    expect(end.complete).to.equal(true);
    expect(end.bytes.toString()).to.equal('data: [DONE]\n\n');
  });

  it('is not complete with content alone, or while another choice is unfinished', () => {
    const stream = newStream();
    expect(stream.end().complete).to.equal(false);
    stepsOf(stream, chunk({ content: 'x' }), chunk({ content: 'y' }, null, 1), chunk({}, 'stop'));
    expect(stream.end()).to.deep.equal({ complete: false, bytes: Buffer.alloc(0), otherForm: false });
    stepsOf(stream, chunk({}, 'stop', 1));
    expect(stream.end().complete).to.equal(true);
  });

  it('finds errors of every shape', () => {
    const errors: [string, string, number | null][] = [
      ['data: {"error":{"message":"m","type":"server_error","code":null}}\n\n', 'm', 500],
      ['event: error\ndata: {"error":{"message":"m"}}\n\n', 'm', null],
      ['event: error\ndata: {"message":"m"}\n\n', 'm', null],
      ['event: error\ndata: no json\n\n', 'no json', null],
      ['data: {"object":"error","message":"m","type":"BadRequestError","code":400}\n\n', 'm', 400],
      ['data: {"error":{"code":502,"message":"m"},"choices":[{"delta":{},"finish_reason":"error"}]}\n\n', 'm', 502],
      ['data: {"choices":[{"delta":{},"finish_reason":"error","error":{"code":429,"message":"m"}}]}\n\n', 'm', 429],
      ['data: [{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}]\n\n', 'm', 503],
      ['data: {"choices":[],"x_groq":{"error":"m"}}\n\n', 'm', null],
      ['data: {"error":"m"}\n\n', 'm', null],
    ];
    for (const [text, message, status] of errors) {
      const step = newStream().push(eventOf(text));
      expect(step.kind, text).to.equal('error');
      expect(step.bytes.length).to.equal(0);
      expect(step.error, text).to.include({ message, status });
    }
    expect(kindOf({ ...chunk({ content: 'x' }), error: null })).to.equal('content');
  });

  it('makes chunks of a whole completion in an event', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    const message = { role: 'assistant', content: 'hi', tool_calls: [{ id: 'a', function: { name: 'f' } }] };
    const completion = {
      id: 'c',
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: 'tool_calls' }],
      usage,
    };
    for (const includeUsage of [false, true]) {
      const stream = newStream({ includeUsage });
      const [step] = stepsOf(stream, completion);
      expect(step?.kind).to.equal('content');
      const base = { id: 'c', object: 'chat.completion.chunk' };
      const noUsage = includeUsage ? { usage: null } : {};
      const delta = { ...message, tool_calls: [{ index: 0, ...message.tool_calls[0] }] };
      expect(step === undefined ? [] : payloadsOf(step)).to.deep.equal([
        { ...base, choices: [{ index: 0, delta, finish_reason: null }], ...noUsage },
        { ...base, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], ...noUsage },
        ...(includeUsage ? [{ ...base, choices: [], usage }] : []),
      ]);
      expect([stream.whole, isEmpty(stream.facts, false), stream.facts.reason]).to.deep.equal([
        true,
        false,
        'tool_calls',
      ]);
      expect(stream.facts.usage).to.include({ input: 3, output: 4 });
    }
  });

  it('does not repeat a message whose pieces have come, and leaves one beside its piece alone', () => {
    const stream = newStream();
    const [, last] = stepsOf(stream, chunk({ content: 'hi' }), {
      choices: [{ index: 0, message: { content: 'hi' }, finish_reason: 'stop' }],
    });
    expect(last?.bytes.toString()).not.to.include('"hi"');
    expect([last?.kind, stream.whole]).to.deep.equal(['finish', true]);
    const both = { choices: [{ index: 0, delta: { content: 'hi' }, message: { content: 'hi' }, finish_reason: null }] };
    const [step] = stepsOf(newStream(), both);
    expect(step === undefined ? [] : payloadsOf(step)).to.deep.equal([both]);
  });

  it('reads an error in a field of its own, whether JSON or a text', () => {
    for (const [text, message, status] of [
      ['error: {"code":400,"message":"m"}\n\n', 'm', 400],
      ['error: out of memory \r\n\r\n', 'out of memory', null],
      ['id: 1\nerror:{"half\n\n', '{"half', null],
    ] as const) {
      const step = newStream().push(eventOf(text));
      expect(step.kind, text).to.equal('error');
      expect(step.error, text).to.include({ message, status });
    }
    for (const text of ['error:\n\n', ': error: x\n\n']) {
      expect(newStream().push(eventOf(text)).kind).to.equal('comment');
    }
  });

  it('tells a stream of another dialect from one that was cut', () => {
    for (const type of ['message_start', 'response.created']) {
      expect(() => newStream().push(dataOf({ type })))
        .to.throw(UnreadableAnswerError)
        .with.property('otherForm', true);
    }
    const others = newStream();
    stepsOf(others, { delta: 'x' }, { delta: 'y' });
    expect(others.end()).to.include({ complete: false, otherForm: true });
    const begun = newStream();
    stepsOf(begun, { choices: [], prompt_filter_results: [] }, { delta: 'x' });
    expect(begun.end().otherForm).to.equal(false);
    expect(newStream().end().otherForm).to.equal(false);
  });

  it('throws on events that cannot be read', () => {
    for (const payload of ['{"choices":[{"del', 'null', '7', 'text', '[]']) {
      expect(() => newStream().push(dataOf(payload))).to.throw(UnreadableAnswerError);
    }
  });

  it('completes a last event without a blank line, and removes a byte order mark', () => {
    const bytes = newStream().push(eventOf('\uFEFFdata: {"choices":[]}')).bytes.toString();
    expect(bytes).to.equal('data: {"choices":[]}\n\n');
  });

  it('reads an event that matches the pattern of the previous one as it would read it alone', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', '"', '\n', '\\'), fc.string());
    const delta = fc.oneof(
      { weight: 6, arbitrary: text.map((content) => ({ content })) },
      { weight: 2, arbitrary: text.map((reasoning_content) => ({ content: null, reasoning_content })) },
      { weight: 1, arbitrary: fc.constantFrom({}, { role: 'assistant', content: '' }, { refusal: 'no' }) },
      {
        weight: 1,
        arbitrary: text.map((content) => ({
          content,
          tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: content } }],
        })),
      },
    );
    const payload = fc.record({
      delta,
      finish: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.constantFrom('stop', 'length')),
      index: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constant(1)),
      rest: fc.oneof(
        { weight: 6, arbitrary: fc.constant({}) },
        text.map((obfuscation) => ({ obfuscation })),
        fc.nat(3).map((count) => ({ usage: { prompt_tokens: 1, completion_tokens: count } })),
      ),
    });
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 12 }), (payloads) => {
        const stream = newStream();
        let hasParts = false;
        let reason: string | null = null;
        let usage: unknown = null;
        for (const { delta, finish, index, rest } of payloads) {
          const event = dataOf({ ...chunk(delta, finish, index), ...rest });
          const alone = newStream();
          expect(stream.push(event)).to.deep.equal(alone.push(event));
          hasParts ||= alone.facts.hasParts;
          reason ??= alone.facts.reason;
          usage = alone.facts.usage ?? usage;
          expect(stream.facts).to.deep.equal({ hasParts, reason, usage });
        }
      }),
      { numRuns: 500 },
    );
  });
});
