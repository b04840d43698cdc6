import { expect } from 'chai';
import { describe, it } from 'mocha';
import { asArray, asCount, asRecord, asString, parseJson } from '../../../src/shared/json.ts';

describe('the guards for JSON from outside', () => {
  it('accept only objects with keys as records', () => {
    expect(asRecord({ a: 1 })).to.deep.equal({ a: 1 });
    for (const other of [[], null, undefined, 'a', 1]) expect(asRecord(other)).to.equal(null);
  });

  it('return an empty array or null for other values', () => {
    expect(asArray([1])).to.deep.equal([1]);
    expect(asArray({ length: 1 })).to.deep.equal([]);
    expect(asString('a')).to.equal('a');
    expect(asString(1)).to.equal(null);
  });

  it('return 0 for values that could decrease a counter', () => {
    expect(asCount(2)).to.equal(2);
    for (const other of [-1, Number.NaN, Number.POSITIVE_INFINITY, '3', null]) expect(asCount(other)).to.equal(0);
  });

  it('return undefined only for text that is not JSON', () => {
    expect(parseJson('null')).to.equal(null);
    expect(parseJson('{"a"')).to.equal(undefined);
  });
});
