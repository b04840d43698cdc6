import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { spliceTopLevelString } from '../../../src/wire/json-splice.ts';

const splice = (json: string, value = 'new') => spliceTopLevelString(Buffer.from(json), 'model', value).toString();

describe('spliceTopLevelString', () => {
  it('replaces the value and nothing else', () => {
    expect(splice('{ "a" : [1, 2.50] ,\n "model"\t:  "old" , "b":"\\u00e9é" }')).to.equal(
      '{ "a" : [1, 2.50] ,\n "model"\t:  "new" , "b":"\\u00e9é" }',
    );
  });

  it('returns the same buffer if the value is the same already', () => {
    const bytes = Buffer.from('{"model":"same","n":1}');
    expect(spliceTopLevelString(bytes, 'model', 'same')).to.equal(bytes);
  });

  it('ignores the key if it is nested, a value or part of a text', () => {
    const json = '{"x":{"model":"a"},"y":[{"model":"b"}],"z":"model","t":"\\"model\\":\\"c\\"","model":"old"}';
    expect(splice(json)).to.equal(json.replace('"old"', '"new"'));
  });

  it('replaces every occurrence of a repeated key, so that no parser can read the old value', () => {
    expect(splice('{"model":"first","n":1,"model":"last"}')).to.equal('{"model":"new","n":1,"model":"new"}');
  });

  it('finds a key that is written with escapes', () => {
    expect(splice('{"mod\\u0065l":"old"}')).to.equal('{"mod\\u0065l":"new"}');
  });

  it('handles quotes and backslashes at the end of strings', () => {
    const x = 'x'.repeat(63);
    for (const text of ['\\', '"', '\\"', '"\\', `${x}${x}\\`, `${x}"`, `${x}\\"`, '{"model":"no']) {
      const json = JSON.stringify({ a: text, model: 'old' });
      expect(JSON.parse(splice(json)).model).to.equal('new');
    }
  });

  it('writes the new value as JSON', () => {
    expect(splice('{"model":"old"}', 'a"b\\c')).to.equal('{"model":"a\\"b\\\\c"}');
  });

  it('throws if there is nothing to replace', () => {
    expect(() => splice('{"a":1}')).to.throw(RangeError);
    expect(() => splice('{"model":5}')).to.throw(RangeError);
  });

  it('gives the same result as parsing and replacing, for any object in any layout', () => {
    const layout = fc.constantFrom(0, 1, '\t');
    const object = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 6 });
    fc.assert(
      fc.property(object, object, fc.string(), fc.string(), layout, (before, after, old, name, space) => {
        const body = { ...before, model: old, ...after, ...('model' in after ? { model: old } : {}) };
        const spliced = splice(JSON.stringify(body, null, space), name);
        expect(JSON.parse(spliced)).to.deep.equal(JSON.parse(JSON.stringify({ ...body, model: name })));
      }),
      { numRuns: 500 },
    );
  });

  it('skips megabytes of base64', () => {
    const json = JSON.stringify({ messages: ['A'.repeat(20_000_000)], model: 'old' });
    expect(splice(json).endsWith('"model":"new"}')).to.equal(true);
  });
});
