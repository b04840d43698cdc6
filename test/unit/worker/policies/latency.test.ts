/** How long a target is expected to take, by what was seen of it and when. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  expectedMs,
  failedMs,
  HALF_LIFE_MS,
  type Latency,
  observed,
  waitedInVain,
} from '../../../../src/worker/policies/latency.ts';

const anyTook = fc.double({ min: 0, max: 600_000, noNaN: true });
const anyWait = fc.double({ min: 0, max: 600_000, noNaN: true });

describe('the latency of a target', () => {
  it('is that of its first request, then a mean between the least and the most that was seen', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyTook, anyWait), { minLength: 1 }), (seen) => {
        let latency: Latency | null = null;
        let nowMs = 0;
        for (const [tookMs, waitMs] of seen) {
          nowMs += waitMs;
          latency = observed(latency, tookMs, nowMs);
        }
        const all = seen.map(([tookMs]) => tookMs);
        expect(latency?.ms).to.be.within(Math.min(...all) - 1e-6, Math.max(...all) + 1e-6);
      }),
    );
    expect(observed(null, 120, 5)).to.deep.equal({ ms: 120, atMs: 5 });
  });

  it('is raised by a wait in vain, and never lowered', () => {
    fc.assert(
      fc.property(anyTook, anyTook, anyWait, (tookMs, waitedMs, nowMs) => {
        const before = observed(null, tookMs, 0);
        expect(waitedInVain(before, waitedMs, nowMs)?.ms).to.be.within(
          tookMs - 1e-6,
          Math.max(tookMs, waitedMs) + 1e-6,
        );
      }),
    );
    expect(waitedInVain(null, 2_000, 5)).to.deep.equal({ ms: 2_000, atMs: 5 });
    expect(waitedInVain(null, 900, 5)).to.equal(null);
  });

  it('follows a change within some requests, however soon they follow on each other', () => {
    let latency = observed(null, 1_000, 0);
    for (let request = 0; request < 30; request += 1) latency = observed(latency, 100, 1);
    expect(latency.ms).to.be.within(100, 150);
  });

  it('counts what was seen half after its half-life', () => {
    expect(observed({ ms: 100, atMs: 0 }, 300, HALF_LIFE_MS).ms).to.be.closeTo(200, 1e-9);
  });

  it('is forgiven with time, so that a slow target is asked again, but by one request at a time', () => {
    const slow = { ms: 8_000, atMs: 0 };
    expect(expectedMs(slow, true, 0)).to.equal(8_000);
    expect(expectedMs(slow, true, 3 * HALF_LIFE_MS)).to.be.closeTo(1_000, 1e-9);
    expect(expectedMs(slow, false, 3 * HALF_LIFE_MS)).to.equal(8_000);
  });

  it('is not shortened by a clock that stands still or an early failure', () => {
    expect(expectedMs({ ms: 10, atMs: 50 }, true, 40)).to.equal(10);
    expect(failedMs(3)).to.equal(5_000);
    expect(failedMs(60_000)).to.equal(60_000);
  });
});
