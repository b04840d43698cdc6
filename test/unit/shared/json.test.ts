import { expect } from 'chai';
import { describe, it } from 'mocha';
import { asArray, asCount, asRecord, asString, parseJson } from '../../../src/shared/json.ts';

describe('the guards of foreign JSON', () => {
  it('take objects with keys for records, and nothing else', () => {
    expect(asRecord({ a: 1 })).to.deep.equal({ a: 1 });
    for (const other of [[], null, undefined, 'a', 1]) expect(asRecord(other)).to.equal(null);
  });

  it('give an empty array and no string for what is none', () => {
    expect(asArray([1])).to.deep.equal([1]);
    expect(asArray({ length: 1 })).to.deep.equal([]);
    expect(asString('a')).to.equal('a');
    expect(asString(1)).to.equal(null);
  });

  it('count nothing for what could make a metric go down', () => {
    expect(asCount(2)).to.equal(2);
    for (const other of [-1, Number.NaN, Number.POSITIVE_INFINITY, '3', null]) expect(asCount(other)).to.equal(0);
  });

  it('tell what is no JSON from every value that is', () => {
    expect(parseJson('null')).to.equal(null);
    expect(parseJson('{"a"')).to.equal(undefined);
  });
});
