/** The target that a session keeps to, against what is promised of it. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { sessionRank } from '../../../src/shared/session-rank.ts';

interface Target {
  readonly provider: string;
  readonly model: string;
  readonly weight: number;
}

const target = (provider: string, weight = 1, model = 'm'): Target => ({ provider, model, weight });

/** The one that comes first, as the order of targets has it. */
function winner(key: string, targets: readonly Target[]): Target | undefined {
  return [...targets].sort((one, other) => sessionRank(key, other) - sessionRank(key, one))[0];
}

const KEYS = Array.from({ length: 10_000 }, (_, index) => `session-${index}`);

const anyTargets = fc.uniqueArray(
  fc.record({ provider: fc.string(), model: fc.string(), weight: fc.double({ min: 1e-9, max: 1e6, noNaN: true }) }),
  { minLength: 2, maxLength: 8, selector: ({ provider, model }) => JSON.stringify([provider, model]) },
);

describe('the target of a session', () => {
  it('is each one for the share of sessions that its weight says', () => {
    for (const weights of [
      [1, 1],
      [2, 3, 5],
      [1, 1, 1, 1],
      [0.25, 0.75],
    ]) {
      const targets = weights.map((weight, index) => target(`provider-${index}`, weight));
      const all = weights.reduce((sum, weight) => sum + weight);
      for (const one of targets) {
        const share = KEYS.filter((key) => winner(key, targets) === one).length / KEYS.length;
        expect(share / (one.weight / all)).to.be.within(0.95, 1.05);
      }
    }
  });

  it('is told apart by the model as well as by the provider', () => {
    const targets = [target('a', 1, 'one'), target('a', 1, 'two')];
    const share = KEYS.filter((key) => winner(key, targets) === targets[0]).length / KEYS.length;
    expect(share).to.be.within(0.475, 0.525);
  });

  it('is the same in whatever order the targets stand, and moves only if it is taken away', () => {
    fc.assert(
      fc.property(fc.string(), anyTargets, fc.nat(7), (key, targets, removed) => {
        const own = winner(key, targets);
        expect(winner(key, [...targets].reverse())).to.equal(own);
        const rest = targets.filter((_, index) => index !== removed % targets.length);
        if (rest.some((each) => each === own)) expect(winner(key, rest)).to.equal(own);
      }),
    );
  });

  it('changes only to a target that came, or whose weight grew', () => {
    const before = [target('a'), target('b'), target('c')];
    const after = [...before.slice(0, 2), target('c', 2), target('d')];
    let moved = 0;
    for (const key of KEYS) {
      const [was, is] = [winner(key, before), winner(key, after)];
      if (was?.provider === is?.provider) continue;
      moved += 1;
      expect(['c', 'd']).to.include(is?.provider);
    }
    // Two fifths stay at a and b, and 1 / 3.5 at c.
    expect(moved / KEYS.length).to.be.within(0.3, 0.33);
  });

  it('has a rank above 0 that can be compared, for any key and weight', () => {
    fc.assert(
      fc.property(fc.string(), anyTargets, (key, targets) => {
        for (const each of targets) expect(sessionRank(key, each)).to.be.within(Number.MIN_VALUE, Number.MAX_VALUE);
      }),
    );
  });
});
