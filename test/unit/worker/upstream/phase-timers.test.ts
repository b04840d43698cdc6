import { expect } from 'chai';
import { describe, it } from 'mocha';
import { PhaseTimers } from '../../../../src/worker/upstream/phase-timers.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

describe('phase timers', () => {
  it('expire once, at their time or one tick later, and never after a cancel', () => {
    const clock = new ManualClock();
    const timers = new PhaseTimers(clock);
    const fired: string[] = [];
    timers.arm(100, () => fired.push('first'));
    timers.arm(100, () => fired.push('cancelled')).cancel();
    clock.advance(99);
    expect(fired).to.deep.equal([]);
    clock.advance(21);
    expect(fired).to.deep.equal(['first']);
    clock.advance(1_000);
    expect(fired).to.deep.equal(['first']);
  });

  it('restart when extended', () => {
    const clock = new ManualClock();
    const timers = new PhaseTimers(clock);
    let fired = 0;
    const timer = timers.arm(100, () => {
      fired += 1;
    });
    clock.advance(90);
    timer.extend(100);
    clock.advance(90);
    expect(fired).to.equal(0);
    clock.advance(40);
    expect(fired).to.equal(1);
  });

  it('do not expire if another one that is due at the same time cancels or extends them', () => {
    for (const spare of ['cancel', 'extend'] as const) {
      const clock = new ManualClock();
      const timers = new PhaseTimers(clock);
      const fired: string[] = [];
      const [one, other] = ['one', 'other'].map((name) =>
        timers.arm(20, () => {
          fired.push(name);
          for (const limit of [one, other]) limit?.[spare](1_000);
        }),
      );
      clock.advance(200);
      expect(fired).to.have.length(1);
    }
  });

  it('can be armed by one that expires', () => {
    const clock = new ManualClock();
    const timers = new PhaseTimers(clock);
    const fired: string[] = [];
    timers.arm(20, () => {
      fired.push('outer');
      timers.arm(20, () => fired.push('inner'));
    });
    clock.advance(200);
    expect(fired).to.deep.equal(['outer', 'inner']);
  });
});
