import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import { FairPace } from '../../../src/shared/fair-pace.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

describe('a fair pace', () => {
  let clock: ManualClock;
  let pace: FairPace;

  beforeEach(() => {
    clock = new ManualClock();
    pace = new FairPace({ most: 10, perSecond: 10, clock });
  });

  /** How many of so many pass. */
  const passing = (kind: string, times: number) => Array.from({ length: times }, () => pace.take(kind)).filter(Boolean);

  it('lets some at once pass, and some each second from then on', () => {
    expect(passing('a', 100)).to.have.length(10);
    clock.advance(500);
    expect(passing('a', 100)).to.have.length(5);
  });

  it('lets a rare kind pass in the flood of another one, once a second', () => {
    passing('a', 100);
    expect(passing('rare', 5)).to.have.length(1);
    for (let second = 0; second < 5; second += 1) {
      clock.advance(1_000);
      passing('a', 100);
      expect(passing('rare', 5)).to.have.length(1);
    }
  });

  it('keeps to a pace too where all are of kinds of their own', () => {
    const passed = (from: number) => Array.from({ length: 500 }, (_, kind) => pace.take(`${from} ${kind}`));
    expect(passed(0).filter(Boolean)).to.have.length(20);
    clock.advance(1_000);
    expect(passed(1).filter(Boolean)).to.have.length(20);
  });
});
