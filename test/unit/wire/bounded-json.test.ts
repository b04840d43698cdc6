import { expect } from 'chai';
import { describe, it } from 'mocha';
import { MOST_OF_A_TREE, parseBounded } from '../../../src/wire/bounded-json.ts';

describe('parsing within a bound', () => {
  it('makes any small tree, and a large one whose bytes are in strings', () => {
    const image = { image: 'x'.repeat(3 * MOST_OF_A_TREE) };
    expect(parseBounded('[{},{}]')).to.deep.equal([{}, {}]);
    expect(parseBounded(JSON.stringify(image))).to.deep.equal(image);
  });

  it('makes no tree of too many branches, and none of what is not JSON', () => {
    expect(parseBounded(`[${'{},'.repeat(MOST_OF_A_TREE / 2)}{}]`)).to.equal(undefined);
    expect(parseBounded('{"a"')).to.equal(undefined);
    expect(parseBounded(`{"a":"${'x'.repeat(100_000)}`)).to.equal(undefined);
  });
});
