import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { spliceString } from '../../../src/wire/json-splice.ts';
import { scanChat } from '../../helpers/scan-chat.ts';

const splice = (json: string, value = 'new') => spliced(Buffer.from(json), value).toString();

function spliced(bytes: Buffer, value: string): Buffer {
  const range = scanChat(bytes).value('model');
  return range === null ? bytes : spliceString(bytes, range, value);
}

describe('replacing the name of the model', () => {
  it('replaces the value and nothing else', () => {
    expect(splice('{ "a" : [1, 2.50] ,\n "model"\t:  "old" , "b":"\\u00e9é" }')).to.equal(
      '{ "a" : [1, 2.50] ,\n "model"\t:  "new" , "b":"\\u00e9é" }',
    );
  });

  it('returns the same buffer if the value is the same already', () => {
    const bytes = Buffer.from('{"model":"same","n":1}');
    expect(spliced(bytes, 'same')).to.equal(bytes);
  });

  it('ignores the key if it is nested, a value or part of a text', () => {
    const json = '{"x":{"model":"a"},"y":[{"model":"b"}],"z":"model","t":"\\"model\\":\\"c\\"","model":"old"}';
    expect(splice(json)).to.equal(json.replace('"old"', '"new"'));
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

  it('gives the same result as parsing and replacing, for any object in any layout', () => {
    const layout = fc.constantFrom(0, 1, '\t');
    const object = fc.dictionary(
      fc.string().map((key) => `x${key}`),
      fc.jsonValue(),
      { maxKeys: 6 },
    );
    fc.assert(
      fc.property(object, object, fc.string(), fc.string(), layout, (before, after, old, name, space) => {
        const body = { ...before, model: old, ...after, ...('model' in after ? { model: old } : {}) };
        const json = splice(JSON.stringify(body, null, space), name);
        expect(JSON.parse(json)).to.deep.equal(JSON.parse(JSON.stringify({ ...body, model: name })));
      }),
      { numRuns: 500 },
    );
  });

  it('skips megabytes of base64', () => {
    const json = JSON.stringify({ messages: ['A'.repeat(20_000_000)], model: 'old' });
    expect(splice(json).endsWith('"model":"new"}')).to.equal(true);
  });
});
