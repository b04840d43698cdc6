import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { fieldPlaces } from '../../../src/wire/field-places.ts';

/** The texts at the places that are found. */
function found(json: string | Buffer, ...names: string[]): (string | null)[] {
  const bytes = Buffer.from(json);
  return fieldPlaces(bytes, names).map((at) => (at === null ? null : bytes.toString('utf8', at.start, at.end)));
}

describe('the place of a field', () => {
  it('is that of its value, whatever is around it', () => {
    expect(found('{ "b" :[{"a":0}], "a" : "\\u00e9é" ,"c":1}', 'a', 'c', 'd')).to.deep.equal(['"\\u00e9é"', '1', null]);
    expect(found('{"x":{"a":1},"t":"\\"a\\":2","\\u0061":{"a":3}}', 'a')).to.deep.equal(['{"a":3}']);
  });

  it('is the last one of a name that occurs twice', () => {
    expect(found('{"a":1,"a":[2]}', 'a')).to.deep.equal(['[2]']);
  });

  it('is found before what is broken, and not behind it', () => {
    expect(found('{"a":1,"b":2,,"c":3}', 'a', 'c')).to.deep.equal(['1', null]);
    expect(found('', 'a')).to.deep.equal([null]);
    expect(found('[{"a":1}]', 'a')).to.deep.equal([null]);
    expect(found('{"a":"open', 'a')).to.deep.equal([null]);
  });

  it('is not looked for in the depths of a very large text, or in one of very many pieces', () => {
    const large = `{"a":1,"t":"${'x'.repeat(2 ** 24)}","b":2}`;
    expect(found(large, 'a', 'b')).to.deep.equal(['1', null]);
    const many = `{"a":1,"t":[${'0,'.repeat(2 ** 20)}0],"b":2}`;
    expect(found(many, 'a', 'b')).to.deep.equal(['1', null]);
  });

  it('may be that in an object of the text, whose end need not be there', () => {
    const inside = (json: string, ...names: string[]) => {
      const bytes = Buffer.from(json);
      return fieldPlaces(bytes, names, 'r').map((at) => at && bytes.toString('utf8', at.start, at.end));
    };
    expect(inside('{"id":1,"r":{"x":{"id":2},"id":3,"l":[{"id":4}]},"s":{"id":5}}', 'id', 'l')).to.deep.equal([
      '3',
      '[{"id":4}]',
    ]);
    expect(inside('{"r":{"id":"a","t":"', 'id', 't')).to.deep.equal(['"a"', null]);
    for (const none of ['{"id":1}', '{"r":[{"id":1}]}', '{"s":{"r":{"id":1}}}', '{"r":1}', '[{"r":{"id":1}}]']) {
      expect(inside(none, 'id'), none).to.deep.equal([null]);
    }
    // The last one of a name counts.
    expect(inside('{"r":{"id":1},"r":{"x":2}}', 'id')).to.deep.equal([null]);
  });

  it('is that which JSON.parse reads, for any object', () => {
    const names = fc.constantFrom('id', 'response', 'i', 'ids', 'Id', '__proto__', 'previous_response_id');
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.jsonValue())), fc.constantFrom('', ' ', '\n\t'), (fields, space) => {
        const json = `{${fields.map(([name, value]) => `${JSON.stringify(name)}${space}:${space}${JSON.stringify(value)}`).join(`${space},`)}}`;
        const [at = null] = found(json, 'id');
        const parsed = JSON.parse(json) as { id?: unknown };
        expect(at === null ? undefined : JSON.parse(at)).to.deep.equal(parsed.id);
      }),
    );
  });
});
