import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { BUCKETS, bucketOf, quantile } from '../../../../src/primary/history/latency-buckets.ts';

/** Half of a bucket, by ratio. */
const ERROR = 2 ** (1 / 16);

function counted(values: readonly number[]): Uint32Array {
  // In two groups, as of two steps.
  const counts = new Uint32Array(2 * BUCKETS);
  for (const [index, value] of values.entries()) {
    const place = (index % 2) * BUCKETS + bucketOf(value);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

describe('latencies in buckets', () => {
  it('have quantiles within half of a bucket of the exact ones', () => {
    const latencies = fc.array(fc.double({ min: 1, max: 3_600_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    const check = (values: number[], share: number) => {
      const sorted = values.toSorted((one, other) => one - other);
      const exact = sorted[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;
      const told = quantile(counted(values), share);
      expect(told / exact).to.be.within(1 / ERROR - 1e-9, ERROR + 1e-9);
    };
    fc.assert(fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), check), { numRuns: 300 });
  });

  it('take any number, and put it into the first or the last bucket where it is out of bounds', () => {
    expect([0, 0.99, Number.NaN, -1].map(bucketOf)).to.deep.equal([0, 0, 0, 0]);
    expect(bucketOf(1e12)).to.equal(BUCKETS - 1);
    expect(bucketOf(Number.POSITIVE_INFINITY)).to.equal(BUCKETS - 1);
  });

  it('have no quantile where nothing was counted', () => {
    expect(quantile(counted([]), 0.5)).to.be.NaN;
  });
});
