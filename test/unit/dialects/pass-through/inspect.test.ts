import { expect } from 'chai';
import { describe, it } from 'mocha';
import { isEmpty } from '../../../../src/dialects/answer-facts.ts';
import { clientDialectOf } from '../../../../src/dialects/registry.ts';
import { UnreadableAnswerError } from '../../../../src/dialects/upstream-error.ts';

const read = (dialect: string, text: string) => clientDialectOf(dialect).inspect(Buffer.from(text), null);

function thrownBy(dialect: string, payload: unknown): UnreadableAnswerError {
  try {
    read(dialect, typeof payload === 'string' ? payload : JSON.stringify(payload));
  } catch (error) {
    if (error instanceof UnreadableAnswerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** A list of each API, and one of another's. */
const lists = [
  ['openai-embeddings', 'data', 'results'],
  ['openai-moderations', 'results', 'data'],
  ['rerank', 'results', 'choices'],
  ['rerank', 'data', 'choices'],
  ['openai-images', 'data', 'results'],
] as const;

describe('a whole answer that is passed back', () => {
  for (const [dialect, list, other] of lists) {
    it(`is one that has its list, and is not empty if that is not: ${dialect}, ${list}`, () => {
      const text = `{ "${list}": [ {"x":1.00} ] }`;
      const bytes = Buffer.from(text);
      const { body, facts } = clientDialectOf(dialect).inspect(bytes, null);
      expect(body).to.equal(bytes);
      expect(isEmpty(facts, false)).to.equal(false);
      expect(isEmpty(read(dialect, `{"${list}":[]}`).facts, false)).to.equal(true);
    });

    it(`is of another form with another list, and with none: ${dialect}, ${list}`, () => {
      for (const payload of [{ [other]: [{}] }, { [list]: {} }, {}, [], 'a text']) {
        const { otherForm, error } = thrownBy(dialect, payload);
        expect([otherForm, error]).to.deep.equal([payload !== 'a text', null]);
      }
    });
  }

  it("is the provider's error where it says one", () => {
    const { error } = thrownBy('openai-embeddings', { error: { message: 'no', code: 'rate_limit_exceeded' } });
    expect(error).to.include({ message: 'no', status: 429 });
  });

  it('counts tokens of a prompt, wherever they stand', () => {
    const usageOf = (dialect: string, rest: object) =>
      read(dialect, JSON.stringify({ data: [1], results: [1], ...rest })).facts.usage;
    const input = (tokens: number) => ({ input: tokens, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    expect(usageOf('openai-embeddings', { usage: { prompt_tokens: 12, total_tokens: 12 } })).to.deep.equal(input(12));
    expect(usageOf('openai-embeddings', { usage: { prompt_tokens: 12, total_tokens: 19 } })).to.deep.equal(input(12));
    expect(usageOf('rerank', { usage: { total_tokens: 7 } })).to.deep.equal(input(7));
    expect(usageOf('rerank', { meta: { tokens: { input_tokens: 5 } } })).to.deep.equal(input(5));
    expect(usageOf('rerank', { meta: { billed_units: { search_units: 1 } } })).to.equal(null);
    expect(usageOf('openai-moderations', {})).to.equal(null);
  });

  it('counts tokens of a picture as output', () => {
    const usage = { input_tokens: 10, output_tokens: 4160, total_tokens: 4170, input_tokens_details: {} };
    const { facts } = read('openai-images', JSON.stringify({ data: [{ b64_json: 'AA==' }], usage }));
    expect(facts.usage).to.deep.include({ input: 10, output: 4160 });
  });

  it('is read the same if it is large, whether its items are texts or numbers', () => {
    const base64 = 'AAAA'.repeat(500_000);
    const numbers = Array.from({ length: 100_000 }, (_, index) => index / 7);
    for (const data of [
      [{ object: 'embedding', index: 0, embedding: base64 }],
      Array.from({ length: 2_000 }, (_, index) => ({ index, embedding: base64.slice(0, 3_000) })),
      [{ object: 'embedding', index: 0, embedding: numbers }],
    ]) {
      const text = JSON.stringify({ object: 'list', data, model: 'm', usage: { prompt_tokens: 8, total_tokens: 8 } });
      const { body, facts } = read('openai-embeddings', text);
      expect(body.toString() === text).to.equal(true);
      expect(facts).to.deep.equal({
        hasParts: true,
        reason: null,
        usage: { input: 8, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      });
      expect(thrownBy('openai-embeddings', text.slice(0, -1)).otherForm).to.equal(false);
    }
  });
});
