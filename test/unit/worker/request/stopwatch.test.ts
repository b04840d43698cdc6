import { expect } from 'chai';
import { describe, it } from 'mocha';
import { Stopwatch } from '../../../../src/worker/request/stopwatch.ts';
import { ManualClock } from '../../../helpers/manual-clock.ts';

describe('the stopwatch of a request', () => {
  it('adds up the waits that are over', () => {
    const clock = new ManualClock();
    const waiting = new Stopwatch(clock);
    waiting.start('provider');
    clock.advance(20);
    waiting.stop();
    clock.advance(5);
    waiting.start('turn');
    clock.advance(7);
    expect(waiting.totalMs).to.equal(20);
    waiting.stop();
    expect(waiting.totalMs).to.equal(27);
  });
});
