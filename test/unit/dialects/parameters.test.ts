/** Parameters that a configuration sets and takes out, against what a tree would say. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { editParameters, otherNameOf, takes } from '../../../src/dialects/parameters.ts';
import { clientDialectOf } from '../../../src/dialects/registry.ts';
import { inOneBuffer } from '../../../src/wire/pieced-bytes.ts';
import { TopFields } from '../../../src/wire/top-fields.ts';

/** None has a single letter: V8 14 sometimes reads such a name, where it is an escape, as the backslash alone. */
const names = ['aa', 'bb', 'user', 'temperature', 'x-y'] as const;
const anyName = fc.constantFrom(...names);
/** In any spelling that JSON has for it. */
const anySpelling = fc.tuple(anyName, fc.boolean()).map(([name, isEscaped]) => {
  return { name, text: isEscaped ? `"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}"` : `"${name}"` };
});
const anySpace = fc.constantFrom('', ' ', '\n\t');
const anyField = fc.record({
  key: fc.oneof(anySpelling, fc.constant({ name: 'other', text: '"other"' })),
  value: fc.json({ maxDepth: 2 }),
  space: fc.tuple(anySpace, anySpace, anySpace, anySpace),
});

/** A request as clients may write it: `model` stands somewhere among the other fields. */
const anyRequest = fc
  .record({
    before: fc.array(anyField, { maxLength: 4 }),
    after: fc.array(anyField, { maxLength: 4 }),
    space: anySpace,
  })
  .map(({ before, after, space }) => {
    const write = ({ key, value, space: [one, two, three, four] }: (typeof before)[number]) =>
      `${one}${key.text}${two}:${three}${value}${four}`;
    return `{${[...before.map(write), `${space}"model":"m"${space}`, ...after.map(write)].join(',')}}`;
  });

function run(text: string, drop: readonly string[], defaults: readonly { name: string; json: string }[]) {
  const bytes = Buffer.from(text);
  const others = defaults.flatMap(({ name }) => otherNameOf(name) ?? []);
  const fields = new TopFields([...drop, ...defaults.map(({ name }) => name), ...others]);
  for (let from = 0; from < bytes.length; from += 7) fields.push(bytes.subarray(from, from + 7));
  fields.end();
  const result = editParameters(bytes, fields, drop, defaults);
  return { ...result, text: inOneBuffer(result.bytes).toString(), isSame: result.bytes === bytes };
}

describe('the parameters of a configuration', () => {
  it('change a request as its tree would be changed, and nothing else of it', () => {
    fc.assert(
      fc.property(
        anyRequest,
        fc.uniqueArray(anyName),
        fc.uniqueArray(fc.record({ name: anyName, json: fc.json({ maxDepth: 1 }) }), { selector: ({ name }) => name }),
        (text, drop, defaults) => {
          const expected: Record<string, unknown> = JSON.parse(text);
          const before = { ...expected };
          for (const name of drop) delete expected[name];
          const set = defaults.filter(({ name }) => expected[name] === undefined || expected[name] === null);
          for (const { name, json } of set) expected[name] = JSON.parse(json);
          const result = run(text, drop, defaults);
          expect(JSON.parse(result.text)).to.deep.equal(expected);
          expect([...result.set].sort()).to.deep.equal(set.map(({ name }) => name).sort());
          expect([...result.dropped].sort()).to.deep.equal(drop.filter((name) => name in before).sort());
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('leave a request alone that has all defaults and nothing to take out', () => {
    const result = run('{"model":"m","a":1}', ['b'], [{ name: 'a', json: '2' }]);
    expect([result.isSame, result.set, result.dropped]).to.deep.equal([true, [], []]);
  });

  it('set no limit beside one that the client has sent under its other name', () => {
    const set = (text: string, drop: readonly string[] = []) =>
      run(text, drop, [{ name: 'max_tokens', json: '9' }]).set;
    expect(set('{"model":"m","max_completion_tokens":5}')).to.deep.equal([]);
    expect(set('{"model":"m","max_completion_tokens":null}')).to.deep.equal(['max_tokens']);
    expect(set('{"model":"m","max_completion_tokens":5}', ['max_completion_tokens'])).to.deep.equal(['max_tokens']);
  });

  it('find no field within another, nor a name that only resembles one', () => {
    const text = '{"model":"m","c":{"user":1},"User":2,"users":3,"messages":[{"user":4}]}';
    expect(run(text, ['user'], []).isSame).to.equal(true);
  });

  it('are set in the dialects that have them, and everywhere where none here knows them', () => {
    const dialects = [
      'openai-chat',
      'openai-responses',
      'anthropic-messages',
      'anthropic-count-tokens',
      'openai-completions',
    ];
    for (const dialect of dialects) expect(clientDialectOf(dialect).name).to.equal(dialect);
    const of = (name: string) =>
      dialects.filter((dialect) => takes(dialect, name)).map((dialect) => dialect.split('-').at(-1));
    expect(of('temperature')).to.deep.equal(['chat', 'responses', 'messages', 'completions']);
    expect(of('reasoning_effort')).to.deep.equal(['chat']);
    expect(of('thinking')).to.deep.equal(['chat', 'messages', 'tokens']);
    expect(of('chat_template_kwargs')).to.deep.equal(['chat', 'responses', 'messages', 'tokens', 'completions']);
    expect(takes('openai-embeddings', 'dimensions')).to.equal(true);
  });
});
