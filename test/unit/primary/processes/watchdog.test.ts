import { expect } from 'chai';
import { describe, it } from 'mocha';
import { judgePulse, type Pulse } from '../../../../src/primary/processes/watchdog.ts';

const ready = (silent: number): Pulse => {
  return { starting: false, age: 100, silent, cpuMs: null, recentCpuMs: null, failures: 0 };
};

/** A worker that boots and works at nothing, unless `parts` say otherwise. */
const starting = (parts: Partial<Pulse>): Pulse => {
  return { starting: true, age: 10, silent: 10, cpuMs: 150, recentCpuMs: 0, failures: 0, ...parts };
};

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

  it('gives up a worker that has stopped to boot after ten ticks, and lets it be silent until then', () => {
    expect(judgePulse(starting({ age: 9 }), 1_000)).to.equal('alive');
    expect(judgePulse(starting({ silent: 0 }), 30_000)).to.equal('never-ready');
    expect(judgePulse(starting({ cpuMs: null, recentCpuMs: null }), 30_000)).to.equal('never-ready');
  });

  it('waits for a boot that goes on, however little of a processor it gets', () => {
    expect(judgePulse(starting({ age: 90, cpuMs: 300, recentCpuMs: 20 }), 30_000)).to.equal('alive');
    expect(judgePulse(starting({ age: 90, cpuMs: 300, recentCpuMs: 10 }), 30_000)).to.equal('never-ready');
  });

  it('gives up a worker that turns in circles', () => {
    expect(judgePulse(starting({ cpuMs: 9_990, recentCpuMs: 9_990 }), 30_000)).to.equal('alive');
    expect(judgePulse(starting({ cpuMs: 10_000, recentCpuMs: 10_000 }), 30_000)).to.equal('never-ready');
  });

  it('gives more time after boots that failed, up to four times as much', () => {
    const given = [0, 1, 2, 3, 9].map((failures) => {
      for (let age = 1; ; age += 1) if (judgePulse(starting({ age, failures }), 30_000) === 'never-ready') return age;
    });
    expect(given).to.deep.equal([10, 10, 20, 40, 40]);
  });
});
