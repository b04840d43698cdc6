import { expect } from 'chai';
import { describe, it } from 'mocha';
import { judgePulse } from '../../../../src/primary/processes/watchdog.ts';

const ready = (silent: number) => ({ starting: false, age: 100, silent });

describe('the watchdog', () => {
  it('counts a worker as hung at its limit of silence, in ticks', () => {
    expect(judgePulse(ready(29), 30_000)).to.equal('alive');
    expect(judgePulse(ready(30), 30_000)).to.equal('hung');
  });

  it('rounds a limit up to whole ticks, at least one', () => {
    expect(judgePulse(ready(1), 1_500)).to.equal('alive');
    expect(judgePulse(ready(2), 1_500)).to.equal('hung');
    expect(judgePulse(ready(1), 10)).to.equal('hung');
  });

  it('reports once per silence that a worker is quiet', () => {
    expect([1, 2, 3, 4, 5].map((silent) => judgePulse(ready(silent), 30_000))).to.deep.equal([
      'alive',
      'alive',
      'quiet',
      'alive',
      'alive',
    ]);
  });

  it('reports a worker that is not ready after ten ticks, and allows silence until then', () => {
    expect(judgePulse({ starting: true, age: 9, silent: 9 }, 1_000)).to.equal('alive');
    expect(judgePulse({ starting: true, age: 10, silent: 0 }, 30_000)).to.equal('never-ready');
  });
});
