import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { nextRestart, STABLE_MS } from '../../../../src/primary/processes/restart-backoff.ts';

/** The delays after deaths in a row, where each worker had been ready for the given time. */
function delaysOf(readyMs: readonly number[]): number[] {
  let failures = 0;
  return readyMs.map((readyForMs) => {
    const restart = nextRestart(failures, readyForMs);
    failures = restart.failures;
    return restart.delayMs;
  });
}

describe('the back-off of restarts', () => {
  it('replaces a worker without delay the first time', () => {
    expect(delaysOf([0])).to.deep.equal([0]);
  });

  it('doubles from 200 ms to 10 s while workers die early', () => {
    expect(delaysOf(Array.from({ length: 9 }, () => 5))).to.deep.equal([
      0, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000,
    ]);
  });

  it('begins again after a stable worker', () => {
    expect(delaysOf([0, 0, 0, STABLE_MS, 0])).to.deep.equal([0, 200, 400, 0, 200]);
  });

  it('restarts at most once in 200 ms over a longer time, for any times of being ready', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STABLE_MS * 2), { minLength: 4, maxLength: 40 }), (readyMs) => {
        const delays = delaysOf(readyMs);
        const lengthMs = readyMs.reduce((sum, readyForMs, index) => sum + readyForMs + (delays[index] ?? 0), 0);
        expect(lengthMs).to.be.at.least(200 * Math.floor(readyMs.length / 2));
      }),
    );
  });
});
