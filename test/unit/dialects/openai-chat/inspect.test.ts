import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { inspect } from '../../../../src/dialects/openai-chat/inspect.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';
import { thrownBy } from '../../../helpers/thrown-by.ts';

function read(payload: unknown) {
  const { facts } = inspect(Buffer.from(JSON.stringify(payload)), null);
  return { reason: facts.reason, usage: facts.usage, empty: isEmpty(facts, false) };
}
const answer = (message: object, finish: string | null = 'stop') => ({
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
});

const thrown = (payload: unknown) => thrownBy(UnreadableAnswerError, () => read(payload));

describe('a whole answer in the chat dialect', () => {
  it('goes back unchanged, byte by byte', () => {
    const bytes = Buffer.from('{ "choices": [ {"message":{"content":"hi"},"finish_reason":"stop"} ], "x": 1.00 }');
    const { body, facts } = inspect(bytes, null);
    expect(body).to.equal(bytes);
    expect(facts).to.deep.equal({ hasParts: true, reason: 'stop', usage: null });
  });

  it('is not empty with any kind of content', () => {
    const contents = [
      { content: 'x' },
      { content: [{ type: 'text', text: 'x' }] },
      { content: null, reasoning_content: 'x' },
      { content: null, reasoning: 'x' },
      { content: null, refusal: 'no' },
      { content: null, tool_calls: [{}] },
      { content: null, function_call: { name: 'f' } },
      { content: null, audio: { id: 'a' } },
      { content: null, images: [{}] },
    ];
    for (const content of contents) expect(read(answer(content)).empty).to.equal(false);
  });

  it('is empty without content unless the finish reason tells why', () => {
    for (const finish of ['stop', null]) expect(read(answer({ content: '' }, finish)).empty).to.equal(true);
    expect(read({ ...answer({ content: '' }), usage: { prompt_tokens: 1, completion_tokens: 1 } }).empty).to.equal(
      false,
    );
    expect(read(answer({ content: '', annotations: [{}] })).empty).to.equal(false);
    for (const finish of ['eos', 'SAFETY', 'length', 'content_filter', 'tool_calls']) {
      expect(read(answer({ content: null, tool_calls: [] }, finish)).empty).to.equal(false);
    }
    expect(read({ choices: [] }).empty).to.equal(true);
  });

  it("has its reason in the provider's own words", () => {
    for (const reason of ['model_length', 'eos'])
      expect(read(answer({ content: 'x' }, reason)).reason).to.equal(reason);
  });

  it('counts tokens with their details', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    expect(read({ ...answer({ content: 'x' }), usage }).usage).to.deep.equal({
      input: 10,
      output: 5,
      cacheRead: 4,
      cacheWrite: 0,
      reasoning: 2,
    });
  });

  it('counts reasoning as output if the provider has it only in the total', () => {
    const usage = { prompt_tokens: 12, completion_tokens: 1, total_tokens: 303 };
    expect(read({ ...answer({ content: 'x' }), usage }).usage?.output).to.equal(291);
  });

  it('counts what stands under other names, or only among the details', () => {
    const usageOf = (usage: object) => read({ ...answer({ content: 'x' }), usage }).usage;
    const reasoning_tokens = 50;
    expect(
      usageOf({ prompt_tokens: 9, completion_tokens: 0, completion_tokens_details: { reasoning_tokens } }),
    ).to.include({ input: 9, output: 50, reasoning: 50 });
    expect(usageOf({ input_tokens: 9, output_tokens: 5 })).to.include({ input: 9, output: 5 });
    expect(usageOf({ prompt_tokens: 9, completion_tokens: 0, output_tokens: 5 })).to.include({ output: 5 });
    expect(usageOf({ output_tokens: 5, total_tokens: 14 })).to.include({ input: 0, output: 5 });
    expect(usageOf({ prompt_tokens: 9, total_tokens: 14 })).to.include({ input: 9, output: 5 });
    for (const usage of [{}, { total_tokens: 14 }, { cost: 1 }]) expect(usageOf(usage)).to.equal(null);
  });

  it('has its reason in whichever field it stands', () => {
    const emptyWith = (fields: object) =>
      read({ choices: [{ message: { content: '' }, finish_reason: null, ...fields }] }).empty;
    for (const fields of [{ native_finish_reason: 'MAX_TOKENS' }, { stop_reason: 128009 }, { stop_reason: '</s>' }]) {
      expect(emptyWith(fields)).to.equal(false);
      expect(emptyWith({ ...fields, finish_reason: '' })).to.equal(false);
    }
    expect(emptyWith({ native_finish_reason: null, stop_reason: null })).to.equal(true);
    expect(emptyWith({ native_finish_reason: 'MAX_TOKENS', finish_reason: 'stop' })).to.equal(true);
  });

  it('counts an invalid number as 0', () => {
    const usage = { prompt_tokens: -5, completion_tokens: '7', total_tokens: null };
    expect(read({ ...answer({ content: 'x' }), usage }).usage).to.include({ input: 0, output: 0 });
  });

  it('refuses a body that is not an answer', () => {
    for (const bytes of ['', 'no json', '[]', 'null', '{}', '{"choices":null}', '<html>', '{"choices":[']) {
      expect(() => inspect(Buffer.from(bytes), null)).to.throw(UnreadableAnswerError);
    }
  });

  it('tells a body of another form from one that is broken', () => {
    const otherForm = (text: string) => {
      try {
        inspect(Buffer.from(text), null);
      } catch (error) {
        return error instanceof UnreadableAnswerError ? error.otherForm : null;
      }
      return null;
    };
    for (const text of ['[{"choices":[]}]', '{"model":"m"}', '"text"', '{"a":1}\n{"b":', ' <html>', '\uFEFF[]']) {
      expect(otherForm(text), text).to.equal(true);
    }
    for (const text of ['', 'no json', '{"choices":[', '{\n"choices":[', 'upstream timed out']) {
      expect(otherForm(text), text).to.equal(false);
    }
  });

  it('loses its byte order mark', () => {
    const text = JSON.stringify(answer({ content: 'x' }));
    expect(inspect(Buffer.from(`\uFEFF${text}`), null).body.toString()).to.equal(text);
  });

  it('finds the error inside a 200', () => {
    const error = thrown({ error: { message: 'overloaded', code: 502 } }).error;
    expect(error).to.include({ status: 502, message: 'overloaded', code: '502' });
    expect(thrown(answer({ content: 'half' }, 'error')).error).to.include({ status: null });
    expect(thrown({}).error).to.equal(null);
  });
});
