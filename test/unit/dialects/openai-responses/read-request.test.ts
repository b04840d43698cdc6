import { expect } from 'chai';
import { describe, it } from 'mocha';
import { readRequest } from '../../../../src/dialects/openai-responses/read-request.ts';
import { GatewayError } from '../../../../src/shared/errors.ts';

const read = (fields: object = {}) => readRequest({ model: 'm', input: 'hi', ...fields });

/** Each extension in a few words: whose it is, its name, where it was written, and whether it must be refused. */
function lost(fields: object): string[] {
  return read(fields).extensions.map(({ of, name, at, refusal }) =>
    [of.replace('openai-', ''), name, at, refusal === null ? 'dropped' : 'refused']
      .filter((part) => part !== undefined)
      .join(' '),
  );
}

/** The error for these fields. */
function refused(fields: object): Pick<GatewayError, 'code' | 'param'> {
  try {
    read(fields);
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.param };
  }
  throw new Error('was not refused');
}

describe('a request for a response', () => {
  it('is a conversation, with the instructions first', () => {
    const { messages } = read({ instructions: 'Be brief.' });
    expect(messages.map(({ role, blocks }) => [role, blocks[0]?.text])).to.deep.equal([
      ['system', 'Be brief.'],
      ['user', 'hi'],
    ]);
  });

  it('has the parameters that all dialects know', () => {
    const fields = { max_output_tokens: 99, temperature: 0.5, top_p: 0.9, parallel_tool_calls: false, stream: true };
    expect(read(fields)).to.deep.include({
      maxTokens: 99,
      temperature: 0.5,
      topP: 0.9,
      parallelCalls: false,
      stream: true,
      wantsUsage: true,
    });
  });

  it('says the same without what only repeats a default, or is of no meaning for the answer', () => {
    const fields = {
      store: false,
      background: false,
      previous_response_id: null,
      truncation: 'disabled',
      service_tier: 'auto',
      metadata: { a: 'b' },
      text: { format: { type: 'text' }, verbosity: 'medium' },
      reasoning: { effort: null, summary: null },
      include: [],
      top_logprobs: 0,
      stream_options: { include_obfuscation: false },
    };
    expect(lost(fields)).to.deep.equal([]);
  });

  it('has for chat completions what they know too, under their names', () => {
    const schema = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true };
    const { extensions } = read({ text: { format: schema, verbosity: 'low' }, reasoning: { effort: 'low' } });
    expect(extensions.map(({ of, name, at }) => [of, name, at])).to.deep.equal([
      ['openai-chat', 'response_format', 'text.format'],
      ['openai-chat', 'verbosity', 'text.verbosity'],
      ['openai-chat', 'reasoning_effort', 'reasoning.effort'],
    ]);
    expect(extensions[0]?.value).to.deep.equal({
      type: 'json_schema',
      json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
    });
    expect(lost({ text: { format: { type: 'json_object' } } })).to.deep.equal([
      'chat response_format text.format refused',
    ]);
  });

  it('may lose what makes no other answer, by name', () => {
    const fields = {
      prompt_cache_key: 'k',
      client_metadata: { a: 'b' },
      reasoning: { summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      truncation: 'auto',
      safety_identifier: 's',
    };
    expect(lost(fields).sort()).to.deep.equal([
      'responses client_metadata dropped',
      'responses include dropped',
      'responses prompt_cache_key dropped',
      'responses reasoning.summary dropped',
      'responses safety_identifier dropped',
      'responses truncation dropped',
    ]);
  });

  it('cannot go without what OpenAI keeps, or what makes an answer of another kind', () => {
    const fields = { background: true, conversation: 'c', prompt: { id: 'p' }, store: true, top_logprobs: 2 };
    for (const name of Object.keys(fields)) {
      expect(lost({ [name]: fields[name as keyof typeof fields] })).to.deep.equal([`responses ${name} refused`]);
    }
    expect(lost({ include: ['message.output_text.logprobs'] })).to.deep.equal(['responses include refused']);
  });

  it('is refused by the code that clients know where it continues a response', () => {
    expect(refused({ previous_response_id: 'resp_1' })).to.deep.equal({
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
  });

  it('is refused with the place of what is not valid', () => {
    expect(refused({ input: undefined }).param).to.equal('input');
    expect(refused({ instructions: 7 }).param).to.equal('instructions');
    expect(refused({ top_p: 'a' }).param).to.equal('top_p');
    expect(refused({ tools: {} }).param).to.equal('tools');
  });
});
