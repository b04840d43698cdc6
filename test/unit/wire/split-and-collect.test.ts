import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { JsonRecord } from '../../../src/shared/json.ts';
import { ChunkCollector } from '../../../src/wire/collect-chunks.ts';
import { splitCompletion } from '../../../src/wire/split-completion.ts';

function collect(chunks: readonly JsonRecord[]): JsonRecord {
  const collector = new ChunkCollector();
  for (const chunk of chunks) collector.push(chunk);
  return collector.completion();
}

const text = fc.string({ unit: 'grapheme' });
const toolCall = fc.record({
  id: text,
  type: fc.constant('function'),
  function: fc.record({ name: text, arguments: text }),
});
const message = fc.record(
  {
    role: fc.constant('assistant'),
    content: fc.option(text),
    refusal: fc.option(text),
    reasoning_content: text,
    tool_calls: fc.array(toolCall, { minLength: 1, maxLength: 4 }),
    annotations: fc.array(fc.record({ type: fc.constant('url_citation'), url: text })),
    of_the_provider: fc.jsonValue(),
  },
  { requiredKeys: ['role', 'content'] },
);
const choices = fc.array(
  fc.record(
    {
      message,
      finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', 'eos'),
      logprobs: fc.option(fc.record({ content: fc.array(fc.record({ token: text, logprob: fc.integer() })) })),
      native_finish_reason: text,
    },
    { requiredKeys: ['message', 'finish_reason'] },
  ),
  { minLength: 1, maxLength: 3 },
);
const usage = fc.record({ prompt_tokens: fc.nat(), completion_tokens: fc.nat(), total_tokens: fc.nat() });
const completion = fc
  .record(
    { id: text, created: fc.nat(), model: text, system_fingerprint: text, choices, usage },
    { requiredKeys: ['id', 'created', 'model', 'choices'] },
  )
  .map((given) => ({
    ...given,
    object: 'chat.completion',
    choices: given.choices.map((choice, index) => ({ index, ...choice })),
  }));

describe('a completion as chunks', () => {
  it('is itself again when they are collected', () => {
    fc.assert(
      fc.property(completion, (whole) => {
        const given = JSON.parse(JSON.stringify(whole)) as JsonRecord;
        expect(collect(splitCompletion(given, true))).to.deep.equal(given);
      }),
    );
  });

  it('has a finish reason for each choice, and the usage where it was asked for', () => {
    const whole = {
      id: 'c',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    };
    const base = { id: 'c', object: 'chat.completion.chunk' };
    const delta = { role: 'assistant', content: 'hi' };
    const content = { index: 0, delta, finish_reason: null };
    const finish = { index: 0, delta: {}, finish_reason: 'stop' };
    expect(splitCompletion(whole, false)).to.deep.equal([
      { ...base, choices: [content] },
      { ...base, choices: [finish] },
    ]);
    expect(splitCompletion(whole, true)).to.deep.equal([
      { ...base, choices: [content], usage: null },
      { ...base, choices: [finish], usage: null },
      { ...base, choices: [], usage: whole.usage },
    ]);
  });
});

describe('chunks as a completion', () => {
  const chunk = (delta: JsonRecord, rest: JsonRecord = {}) => ({ id: 'c', choices: [{ index: 0, delta, ...rest }] });
  const onlyMessage = (...chunks: readonly JsonRecord[]) =>
    (collect(chunks).choices as readonly { message: JsonRecord }[])[0]?.message;

  it('join texts, whatever pieces they came in', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (pieces) => {
        const chunks = pieces.map((content) => chunk({ content }));
        expect(onlyMessage(...chunks)?.content).to.equal(pieces.join(''));
      }),
    );
  });

  it('join the pieces of tool calls by their index, and repeat no name', () => {
    const piece = (index: number, part: JsonRecord) => chunk({ tool_calls: [{ index, ...part }] });
    expect(
      onlyMessage(
        piece(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
        piece(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{' } }),
        piece(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
        piece(1, { function: { arguments: '}' } }),
        piece(0, { function: { arguments: ':1}' } }),
      ),
    ).to.deep.equal({
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    });
  });

  it('take what stands beside the delta as it came last, and append logprobs', () => {
    const { choices: collected } = collect([
      chunk({ content: 'a' }, { safety: { level: 'low' }, logprobs: { content: [1] }, finish_reason: null }),
      chunk({ content: 'b' }, { safety: { level: 'low' }, logprobs: { content: [2] }, finish_reason: 'stop' }),
      chunk({}, { safety: null, finish_reason: null }),
    ]);
    expect(collected).to.deep.equal([
      {
        index: 0,
        message: { role: 'assistant', content: 'ab' },
        safety: { level: 'low' },
        logprobs: { content: [1, 2] },
        finish_reason: 'stop',
      },
    ]);
  });

  it('are sorted by choice, and give no field a prototype', () => {
    const evil = JSON.parse(
      '{"choices":[{"index":1,"delta":{"__proto__":{"x":1}}},{"index":0,"delta":{}}]}',
    ) as JsonRecord;
    const { choices: collected } = collect([evil]);
    expect((collected as readonly { index: number }[]).map(({ index }) => index)).to.deep.equal([0, 1]);
    expect(JSON.stringify(collected)).not.to.include('"x"');
  });
});
