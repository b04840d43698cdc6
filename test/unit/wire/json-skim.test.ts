import { expect } from 'chai';
import fc from 'fast-check';
import { skimJson } from '../../../src/wire/json-skim.ts';

const long = (text: string) => text.repeat(Math.ceil(5000 / text.length));

describe('skimming JSON', () => {
  it('shortens long strings and keeps everything else', () => {
    const json = `{"model":"é","a":["${long('abc')}",1],"b":"\\"","c":"${long('\\"x\\\\')}"}`;
    expect(skimJson(Buffer.from(json))).to.equal('{"model":"é","a":["-",1],"b":"\\"","c":"-"}');
  });

  it('returns null if there is no long string, or if the rest is too long', () => {
    expect(skimJson(Buffer.from('{"a":"short"}'))).to.equal(null);
    expect(skimJson(Buffer.from(JSON.stringify([long('x'), Array.from({ length: 20_000 }, String)])))).to.equal(null);
    expect(skimJson(Buffer.from(`{"a":"${long('x')}"}${' '.repeat(70_000)}`))).to.equal(null);
  });

  it('keeps a long string that is not closed, for the parser to refuse', () => {
    const text = `{"a":"${long('x')}","b":"${long('y')}`;
    expect(() => JSON.parse(skimJson(Buffer.from(text)) ?? text)).to.throw(SyntaxError);
  });

  it('parses to the same object, with its long strings short', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"', '\\', 'é', 'ab"\\'), fc.string({ minLength: 1 }).map(long));
    const value = fc.letrec((tie) => ({
      any: fc.oneof(text, fc.integer(), fc.constant(null), tie('list'), tie('object')),
      list: fc.array(tie('any'), { maxLength: 3 }),
      object: fc.dictionary(fc.string({ maxLength: 5 }), tie('any'), { maxKeys: 3 }),
    })).object;
    fc.assert(
      fc.property(value, (object) => {
        const json = JSON.stringify(object);
        const shortened = JSON.parse(json, (_key, inner: unknown) => {
          const written = typeof inner === 'string' ? Buffer.byteLength(JSON.stringify(inner)) : 0;
          return written > 4096 ? '-' : inner;
        });
        expect(JSON.parse(skimJson(Buffer.from(json)) ?? json)).to.deep.equal(shortened);
      }),
      { numRuns: 300 },
    );
  });
});
