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

  it('has what other dialects have under names of their own, with its place', () => {
    const schema = { type: 'object' };
    const { wishes, extensions } = read({
      text: { format: { type: 'json_schema', name: 'n', schema, strict: true }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: 'auto' },
      user: 'u',
      service_tier: 'flex',
      top_k: 5,
    });
    expect(extensions).to.deep.equal([]);
    expect(wishes).to.deep.equal({
      format: { value: { type: 'schema', schema, name: 'n', description: null, isStrict: true }, at: 'text.format' },
      effort: { value: 'low', at: 'reasoning.effort' },
      thinking: null,
      summary: { value: 'auto', at: 'reasoning.summary' },
      topK: { value: 5, at: 'top_k' },
      user: { value: 'u', at: 'user' },
      verbosity: { value: 'low', at: 'text.verbosity' },
      serviceTier: { value: 'flex', at: 'service_tier' },
      cache: null,
    });
    expect(read({ text: { format: { type: 'json_object' } } }).wishes.format?.value).to.deep.equal({ type: 'json' });
    expect(lost({ text: { format: { type: 'grammar' } } })).to.deep.equal(['responses text.format refused']);
    expect(lost({ text: 'x', reasoning: 'x', user: 7 }).sort()).to.deep.equal([
      'responses reasoning dropped',
      'responses text dropped',
      'responses user dropped',
    ]);
  });

  it('may lose what makes no other answer, by name', () => {
    const fields = {
      prompt_cache_key: 'k',
      client_metadata: { a: 'b' },
      reasoning: { context: 'x' },
      include: ['reasoning.encrypted_content'],
      truncation: 'auto',
      safety_identifier: 's',
    };
    expect(lost(fields).sort()).to.deep.equal([
      'openai prompt_cache_key dropped',
      'openai safety_identifier dropped',
      'responses client_metadata dropped',
      'responses include dropped',
      'responses reasoning.context dropped',
      'responses truncation dropped',
    ]);
  });

  it('cannot go without what OpenAI keeps, or what makes an answer of another kind', () => {
    const fields = { background: true, conversation: 'c', store: true, top_logprobs: 2 };
    for (const name of Object.keys(fields)) {
      expect(lost({ [name]: fields[name as keyof typeof fields] })).to.deep.equal([`responses ${name} refused`]);
    }
    expect(lost({ include: ['message.output_text.logprobs'] })).to.deep.equal(['responses include refused']);
  });

  it('cannot go without a prompt that OpenAI keeps, which may take the place of its input', () => {
    expect(refused({ prompt: { id: 'p' }, input: undefined })).to.deep.equal({
      code: 'unsupported_parameter',
      param: 'prompt',
    });
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
