import { expect } from 'chai';
import { describe, it } from 'mocha';
import { inspect } from '../../../../src/dialects/anthropic-messages/inspect.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';

const message = (content: readonly object[], fields: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content,
  stop_reason: 'end_turn',
  usage: { input_tokens: 3, output_tokens: 7, cache_read_input_tokens: 2 },
  ...fields,
});
const bodyOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const usage = { input: 5, output: 7, cacheRead: 2, cacheWrite: 0, reasoning: 0 };
const long = 'x'.repeat(100_000);

const thrown = (body: Buffer) => thrownBy(UnreadableAnswerError, () => inspect(body, null));

describe('a message that goes back as it is', () => {
  it('keeps its bytes and says what is known of it', () => {
    const body = bodyOf(message([{ type: 'text', text: 'Hi' }]));
    const said = { model: 'm', text: 2, reasoning: 0, uncounted: 2 };
    expect(inspect(body, null)).to.deep.equal({ body, said, facts: { hasParts: true, reason: 'end_turn', usage } });
    expect(inspect(Buffer.concat([Buffer.from('\uFEFF'), body]), null).body).to.deep.equal(body);
    expect(inspect(bodyOf(message([])), null).facts.hasParts).to.equal(false);
    expect(inspect(bodyOf(message([{ type: 'text', text: '' }])), null).facts.hasParts).to.equal(false);
  });

  it('says the same of a large one, whatever it is large of', () => {
    const contents: readonly object[][] = [
      [{ type: 'text', text: long }],
      [{ type: 'thinking', thinking: long, signature: long }],
      [{ type: 'redacted_thinking', data: long }],
      [{ type: 'tool_use', id: 'c', name: 'f', input: { text: long } }],
      [{ type: 'tool_use', id: 'c', name: 'f', input: { list: Array(100_000).fill(1) } }],
      [{ type: 'web_search_tool_result', content: Array(30_000).fill({ a: 1 }) }],
      [{ type: 'text', text: 'a', citations: Array(30_000).fill({ cited_text: 'x' }) }],
      Array.from({ length: 30_000 }, () => ({ type: 'text', text: 'a' })),
    ];
    for (const content of contents) {
      const body = bodyOf(message(content));
      expect(body.length).to.be.above(64 * 1024);
      expect(inspect(body, null).facts).to.deep.equal({ hasParts: true, reason: 'end_turn', usage });
    }
    const other = bodyOf(message([], { container: { text: long } }));
    expect(inspect(other, null).facts.hasParts).to.equal(false);
  });

  it('is none where it is an error, another object or no JSON', () => {
    const error = { type: 'overloaded_error', message: `Overloaded ${long}` };
    expect(thrown(bodyOf({ type: 'error', error })).error).to.include({ status: 529, message: error.message });
    expect(thrown(bodyOf({ choices: [] }))).to.include({ otherForm: true, error: null });
    expect(thrown(bodyOf([1]))).to.include({ otherForm: true });
    expect(thrown(Buffer.from('{"content": ['))).to.include({ otherForm: false });
    expect(thrown(Buffer.from(`{"content": ["${long}`))).to.include({ otherForm: false });
  });
});
