import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { Clock } from '../../../../src/shared/clock.ts';
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

  it('say how long they have left', () => {
    const clock = new ManualClock();
    const timer = new PhaseTimers(clock).arm(100, () => undefined);
    clock.advance(30);
    expect(timer.remainingMs()).to.equal(70);
    timer.extend(200);
    expect(timer.remainingMs()).to.equal(200);
  });
});

describe('phase timers after the process stood still', () => {
  /** A clock whose ticks a test makes, so that it can leave them out. */
  function stopping() {
    let nowMs = 0;
    let tick: () => void = () => undefined;
    const clock: Clock = {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      after: () => ({ cancel: () => undefined }),
      every: (_periodMs, callback) => {
        tick = callback;
        return { cancel: () => undefined };
      },
    };
    const go = (milliseconds: number) => {
      nowMs += milliseconds;
      tick();
    };
    return { timers: new PhaseTimers(clock), go };
  }

  const poll = () => new Promise((resolve) => setImmediate(resolve));

  it('let sockets be read before a limit is judged', async () => {
    const { timers, go } = stopping();
    const fired: string[] = [];
    const stall = timers.arm(500, () => fired.push('stall'));
    timers.arm(500, () => fired.push('other'));
    go(20);
    go(600);
    expect(fired).to.deep.equal([]);
    // What a socket brings in the poll phase.
    stall.extend(500);
    await poll();
    await poll();
    expect(fired).to.deep.equal(['other']);
  });

  it('do not count a long stop towards any limit', async () => {
    const { timers, go } = stopping();
    let fired = 0;
    timers.arm(500, () => {
      fired += 1;
    });
    go(20);
    go(60_000);
    await poll();
    await poll();
    expect(fired).to.equal(0);
    for (let passedMs = 20; passedMs < 440; passedMs += 20) go(20);
    expect(fired).to.equal(0);
    for (let passedMs = 0; passedMs < 60; passedMs += 20) go(20);
    expect(fired).to.equal(1);
  });

  it('count a stop that nobody was timed in towards none', () => {
    const { timers, go } = stopping();
    timers.arm(20, () => undefined).cancel();
    go(20);
    go(60_000);
    let fired = 0;
    timers.arm(20, () => {
      fired += 1;
    });
    go(20);
    expect(fired).to.equal(1);
  });
});
