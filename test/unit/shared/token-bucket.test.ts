import { expect } from 'chai';
import { describe, it } from 'mocha';
import { TokenBucket } from '../../../src/shared/token-bucket.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

function taken(bucket: TokenBucket, times: number): number {
  return Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
}

describe('a token bucket', () => {
  it('gives so many at once, and none beyond them', () => {
    expect(taken(new TokenBucket({ most: 5, perSecond: 10, clock: new ManualClock() }), 100)).to.equal(5);
  });

  it('gives so many a second from then on, however often it is asked', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ most: 5, perSecond: 10, clock });
    taken(bucket, 100);
    let count = 0;
    for (let step = 0; step < 1_000; step += 1) {
      clock.advance(2);
      count += taken(bucket, 3);
    }
    expect(count).to.be.within(19, 20);
  });

  it('saves up no more than it holds', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket({ most: 5, perSecond: 10, clock });
    clock.advance(3_600_000);
    expect(taken(bucket, 100)).to.equal(5);
  });
});
