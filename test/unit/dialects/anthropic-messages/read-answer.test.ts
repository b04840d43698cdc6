import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { answerContext, codecOf } from '../../../helpers/codecs.ts';

const codec = codecOf('openai-chat', 'anthropic-messages');
const answer = (body: Buffer) => codec.answer(body, answerContext(), null);
const message = (content: unknown, more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-x',
  content,
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
  ...more,
});
function read(payload: unknown) {
  const { body, facts } = answer(Buffer.from(JSON.stringify(payload)));
  const completion = JSON.parse(body.toString());
  const finishReason = completion.choices[0].finish_reason;
  return { completion, finishReason, usage: facts.usage, empty: isEmpty(facts, false) };
}

describe('a whole answer in the messages dialect', () => {
  it('becomes a chat completion', () => {
    const { completion, empty, finishReason, usage } = read(message([{ type: 'text', text: 'hi' }]));
    expect(completion).to.deep.equal({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'claude-x',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hi', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect({ empty, finishReason }).to.deep.equal({ empty: false, finishReason: 'stop' });
    expect(usage).to.deep.equal({ input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
  });

  it('has the same texts and arguments when it is large, whatever they are written with', () => {
    const long = (text: string) => text.repeat(20_000);
    const blocks = [
      { type: 'thinking', thinking: long('hm€ '), signature: long('s') },
      { type: 'text', text: long('a"\n') },
      { type: 'text', text: '😀' },
      { type: 'text', text: long('\\😀') },
      { type: 'tool_use', id: 't', name: 'f', input: { file: long('line "1"\n') } },
    ];
    const { completion, finishReason, usage } = read(message(blocks));
    const [call] = completion.choices[0].message.tool_calls;
    expect(completion.choices[0].message.content).to.equal(`${long('a"\n')}😀${long('\\😀')}`);
    expect(completion.choices[0].message.reasoning_content).to.equal(long('hm€ '));
    expect(JSON.parse(call.function.arguments)).to.deep.equal({ file: long('line "1"\n') });
    expect([finishReason, usage?.output]).to.deep.equal(['stop', 5]);
  });

  it('is unreadable when it is large and cut off, and another form when it has too many values', () => {
    const text = JSON.stringify(message([{ type: 'text', text: 'x'.repeat(100_000) }]));
    const unreadable = (bytes: string) => {
      try {
        answer(Buffer.from(bytes));
        return null;
      } catch (error) {
        return error instanceof UnreadableAnswerError ? error.otherForm : error;
      }
    };
    expect(unreadable(text.slice(0, -5))).to.equal(false);
    expect(unreadable(JSON.stringify(message(Array.from({ length: 200_000 }, () => ({})))))).to.equal(true);
  });

  it('joins texts, separates thinking, and writes the arguments of tool calls as text', () => {
    const { completion } = read(
      message(
        [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'a' },
          { type: 'server_tool_use', id: 'x', name: 'web_search', input: {} },
          { type: 'text', text: 'b' },
          { type: 'tool_use', id: 't', name: 'f', input: { x: [1] } },
          { type: 'tool_use', id: 'u', name: 'g', input: {} },
        ],
        { stop_reason: 'tool_use' },
      ),
    );
    expect(completion.choices[0]).to.deep.include({
      finish_reason: 'tool_calls',
      message: {
        role: 'assistant',
        content: 'ab',
        refusal: null,
        reasoning_content: 'hm',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1', index: 0 },
          { type: 'reasoning.encrypted', data: 'd', format: 'anthropic-claude-v1', index: 1 },
        ],
        tool_calls: [
          { id: 't', type: 'function', function: { name: 'f', arguments: '{"x":[1]}' } },
          { id: 'u', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
    });
  });

  it("translates the stop reason to OpenAI's finish reason", () => {
    const reasons = {
      end_turn: 'stop',
      stop_sequence: 'stop',
      pause_turn: 'stop',
      max_tokens: 'length',
      model_context_window_exceeded: 'length',
      tool_use: 'tool_calls',
      refusal: 'content_filter',
      unheard_of: 'stop',
    };
    for (const [stop_reason, expected] of Object.entries(reasons)) {
      expect(read(message([], { stop_reason })).finishReason).to.equal(expected);
    }
  });

  it('is empty without content unless the finish reason tells why', () => {
    const silent = { stop_reason: null, usage: { input_tokens: 1, output_tokens: 0 } };
    expect(read(message([], silent)).empty).to.equal(true);
    expect(read(message([{ type: 'text', text: '' }], silent)).empty).to.equal(true);
    expect(read(message([], { ...silent, stop_reason: 'end_turn' })).empty).to.equal(false);
    expect(read(message([], { ...silent, usage: { input_tokens: 1, output_tokens: 2 } })).empty).to.equal(false);
    expect(read(message([{ type: 'redacted_thinking', data: 'x' }], silent)).empty).to.equal(false);
    expect(read(message([], { stop_reason: 'refusal' })).empty).to.equal(false);
    expect(read(message([], { stop_reason: 'max_tokens' })).empty).to.equal(false);
    expect(read(message([{ type: 'thinking', thinking: 'x' }])).empty).to.equal(false);
  });

  it('counts tokens read from and written to a cache as input', () => {
    const counted = {
      input_tokens: 1,
      cache_creation_input_tokens: 20,
      cache_read_input_tokens: 300,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 4 },
    };
    const { usage, completion } = read(message([], { usage: counted }));
    expect(usage).to.deep.equal({ input: 321, output: 7, cacheRead: 300, cacheWrite: 20, reasoning: 4 });
    expect(completion.usage).to.deep.include({ prompt_tokens: 321, total_tokens: 328 });
    expect(completion.usage.prompt_tokens_details).to.deep.equal({ cached_tokens: 300, cache_write_tokens: 20 });
    expect(read(message([], { usage: null })).usage).to.equal(null);
  });

  it('has the requested model if the provider names none', () => {
    expect(read(message([], { model: undefined })).completion.model).to.equal('asked-for');
  });

  it('refuses a body that is not an answer, and finds the error inside a 200', () => {
    for (const bytes of ['', 'no json', '[]', '{}', '{"content":"text"}', '{"content":[']) {
      expect(() => answer(Buffer.from(bytes))).to.throw(UnreadableAnswerError);
    }
    const body = Buffer.from('{"type":"error","error":{"type":"overloaded_error","message":"m"}}');
    expect(() => answer(body))
      .to.throw(UnreadableAnswerError)
      .with.property('error')
      .that.includes({ status: 529, message: 'm' });
  });
});
