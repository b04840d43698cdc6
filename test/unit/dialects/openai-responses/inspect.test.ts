import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { inspect } from '../../../../src/dialects/openai-responses/inspect.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';

const usage = { input_tokens: 3, input_tokens_details: { cached_tokens: 1 }, output_tokens: 2, total_tokens: 5 };
const text = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] };

const inspected = (fields: object) =>
  inspect(Buffer.from(JSON.stringify({ object: 'response', error: null, status: 'completed', ...fields })), null);

/** What the error is for a body that is no answer. */
function thrown(fields: object): UnreadableAnswerError {
  try {
    inspected(fields);
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return error;
  }
  throw new Error('was read');
}

describe('a whole response', () => {
  it('is known by its facts', () => {
    expect(inspected({ output: [text], usage }).facts).to.deep.equal({
      hasParts: true,
      reason: 'stop',
      usage: { input: 3, output: 2, cacheRead: 1, cacheWrite: 0, reasoning: 0 },
    });
  });

  it('is empty if nothing explains why nothing is in it', () => {
    const empty = (fields: object) => isEmpty(inspected(fields).facts, false);
    expect(empty({ output: [] })).to.equal(true);
    expect(empty({ output: [{ ...text, content: [{ type: 'output_text', text: '' }] }] })).to.equal(true);
    expect(empty({ output: [{ type: 'reasoning', summary: [] }] })).to.equal(true);
    expect(empty({ output: [{ type: 'web_search_call' }] })).to.equal(false);
    expect(empty({ output: [], status: 'queued' })).to.equal(false);
    expect(empty({ output: [], status: 'incomplete', incomplete_details: { reason: 'content_filter' } })).to.equal(
      false,
    );
  });

  it('is known of any size', () => {
    const long = { ...text, content: [{ type: 'output_text', text: 'x'.repeat(200_000), logprobs: [] }] };
    expect(inspected({ output: [long], usage }).facts).to.deep.include({ hasParts: true, reason: 'stop' });
  });

  it('is an error where it failed, and no answer without an output', () => {
    const failed = { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'slow' }, output: [] };
    expect(thrown(failed).error).to.deep.include({ status: 429, message: 'slow' });
    expect(thrown({ status: 'failed', output: [] }).error).to.not.equal(null);
    expect(thrown({ choices: [] }).otherForm).to.equal(true);
    expect(() => inspect(Buffer.from('[]'), null)).to.throw(UnreadableAnswerError);
  });
});
