import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Ring } from '../../../../src/primary/failures/ring.ts';

describe('a ring', () => {
  it('has all that came, the newest first, while there is room', () => {
    const ring = new Ring<number>(4);
    expect(ring.newestFirst()).to.deep.equal([]);
    for (const item of [1, 2, 3]) ring.push(item);
    expect(ring.newestFirst()).to.deep.equal([3, 2, 1]);
  });

  it('has the last ones from then on, at every turn', () => {
    const ring = new Ring<number>(4);
    for (let item = 1; item <= 50; item += 1) {
      ring.push(item);
      const expected = [item, item - 1, item - 2, item - 3].filter((each) => each > 0);
      expect(ring.newestFirst()).to.deep.equal(expected);
    }
  });
});
