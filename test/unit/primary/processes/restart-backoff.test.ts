import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { nextRestart, STABLE_MS } from '../../../../src/primary/processes/restart-backoff.ts';

/** The delays of deaths in a row, each after the given time of being ready. */
function delaysOf(livesMs: readonly number[]): number[] {
  let failures = 0;
  return livesMs.map((lifeMs) => {
    const restart = nextRestart(failures, lifeMs);
    failures = restart.failures;
    return restart.delayMs;
  });
}

describe('the back-off of restarts', () => {
  it('replaces a worker at once the first time', () => {
    expect(delaysOf([0])).to.deep.equal([0]);
  });

  it('doubles from 200 ms to 10 s while workers die young', () => {
    expect(delaysOf(Array.from({ length: 9 }, () => 5))).to.deep.equal([
      0, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000,
    ]);
  });

  it('begins anew after a worker that was stable', () => {
    expect(delaysOf([0, 0, 0, STABLE_MS, 0])).to.deep.equal([0, 200, 400, 0, 200]);
  });

  it('never restarts more than once in 200 ms for long, however long the workers live', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STABLE_MS * 2), { minLength: 4, maxLength: 40 }), (livesMs) => {
        const delays = delaysOf(livesMs);
        const lengthMs = livesMs.reduce((sum, lifeMs, index) => sum + lifeMs + (delays[index] ?? 0), 0);
        expect(lengthMs).to.be.at.least(200 * Math.floor(livesMs.length / 2));
      }),
    );
  });
});
