/** The pure policies of the data path: admission, budget, back-off, Retry-After, routing. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Judgement } from '../../../../src/shared/judgements.ts';
import { checkLoad } from '../../../../src/worker/policies/admission.ts';
import { backoffMs, quickRetryMs } from '../../../../src/worker/policies/backoff.ts';
import { retryAfterMs } from '../../../../src/worker/policies/retry-after.ts';
import { deposit, openBudget, withdraw } from '../../../../src/worker/policies/retry-budget.ts';
import { candidates, retriesFirst } from '../../../../src/worker/policies/routing.ts';
import { testConfig } from '../../../helpers/test-config.ts';

const retry = { attempts: 3, baseDelayMs: 500, maxDelayMs: 8_000, budget: 0.2 };

describe('the back-off', () => {
  it('doubles its ceiling per failure up to the maximum, and draws the whole range below it', () => {
    expect([1, 2, 3, 4, 5, 6, 9].map((failures) => backoffMs(retry, failures, 1, null))).to.deep.equal([
      500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ]);
    expect(backoffMs(retry, 3, 0, null)).to.equal(0);
  });

  it('is at least the Retry-After of the provider', () => {
    expect(backoffMs(retry, 1, 0.5, 3_000)).to.equal(3_000);
    expect(backoffMs(retry, 5, 1, 3_000)).to.equal(8_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  const cases: [Record<string, string>, number | null][] = [
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 0],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:50:02 GMT', date: 'Thu, 01 Jan 2026 00:50:00 GMT' }, 2_000],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:07 GMT', date: 'yesterday' }, 7_000],
    [{ 'retry-after': '2', date: 'Thu, 01 Jan 2026 00:50:00 GMT' }, 2_000],
    [{ 'retry-after-ms': '120', 'retry-after': '60' }, 120],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-1' }, null],
    [{ 'retry-after': '9'.repeat(400) }, null],
    [{ 'retry-after': 'Infinity' }, null],
    [{ 'retry-after': '1e5' }, null],
    [{}, null],
  ];
  for (const [headers, expected] of cases) {
    it(`of ${JSON.stringify(headers)} is ${expected === null ? 'nothing' : `${expected} ms`}`, () => {
      expect(retryAfterMs(headers, now)).to.equal(expected);
    });
  }
});

describe('the retry budget', () => {
  it('allows a share of requests plus a fixed number per second, for any sequence of requests and retries', () => {
    const options = { share: 0.2, perSecond: 2.5 };
    const step = fc.record({ gapMs: fc.nat(400), isRequest: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        let nowMs = 0;
        let budget = openBudget(options, nowMs);
        let [requests, retries] = [0, 0];
        for (const { gapMs, isRequest } of steps) {
          nowMs += gapMs;
          if (isRequest) {
            requests += 1;
            budget = deposit(budget, options, nowMs);
          } else {
            const left = withdraw(budget, options, nowMs);
            if (left !== null) retries += 1;
            budget = left ?? budget;
          }
          const allowed =
            requests * options.share + (nowMs / 1_000) * options.perSecond + Math.max(1, options.perSecond);
          expect(retries).to.be.at.most(allowed + 1e-9);
        }
      }),
    );
  });

  it('allows the first retry of a worker, for any number of workers', () => {
    const options = { share: 0.2, perSecond: 10 / 64 };
    const spent = withdraw(openBudget(options, 0), options, 0);
    expect(spent?.tokens).to.equal(0);
    expect(spent && withdraw(spent, options, 1_000)).to.equal(null);
  });
});

describe('routing', () => {
  const atFirst = { last: null, next: null, tried: [], mayRepeat: false, retryFirst: true, failoverIsUsed: false };
  const afterOne = (next: Judgement['next'], parts: Partial<Parameters<typeof candidates>[1]> = {}) => ({
    ...atFirst,
    last: 1,
    next,
    tried: [0, 1],
    mayRepeat: true,
    ...parts,
  });

  it('starts with the targets in their configured order', () => {
    expect(candidates([0, 1, 2], atFirst)).to.deep.equal([0, 1, 2]);
  });

  it('orders the same and other targets as the judgement requires', () => {
    expect(candidates([0, 1, 2], afterOne('retry'))).to.deep.equal([1, 2]);
    expect(candidates([0, 1, 2], afterOne('failover-first'))).to.deep.equal([2, 1]);
    expect(candidates([0, 1, 2], afterOne('failover'))).to.deep.equal([2]);
    expect(candidates([0, 1, 2], afterOne('final'))).to.deep.equal([]);
  });

  it('moves on before it repeats once the quick retry is spent, and repeats only if no other target can be used', () => {
    expect(candidates([0, 1, 2], afterOne('retry', { retryFirst: false }))).to.deep.equal([2, 1]);
  });

  it('moves on from an empty answer once, and not from a second one', () => {
    expect(candidates([0, 1, 2], afterOne('failover-once'))).to.deep.equal([2]);
    expect(candidates([0, 1, 2], afterOne('failover-once', { failoverIsUsed: true }))).to.deep.equal([]);
  });

  it('repeats nowhere when the attempts are spent, and never returns to a target it has left', () => {
    expect(candidates([0, 1, 2], afterOne('retry', { mayRepeat: false }))).to.deep.equal([2]);
    expect(candidates([0, 1], afterOne('failover-first', { mayRepeat: false }))).to.deep.equal([]);
  });

  it('retries first where no other target can be used, else once, and only if the provider asks for no longer wait', () => {
    expect(retriesFirst(false, 2, null)).to.equal(true);
    expect(retriesFirst(true, 1, 20)).to.equal(true);
    expect(retriesFirst(true, 2, 20)).to.equal(false);
    expect(retriesFirst(true, 1, null)).to.equal(false);
  });

  it('waits 50 ms at most before a quick retry, and not at all where the provider asks for more', () => {
    expect(quickRetryMs(retry, 1, null)).to.equal(50);
    expect(quickRetryMs(retry, 0, 40)).to.equal(40);
    expect(quickRetryMs({ ...retry, baseDelayMs: 10 }, 0.5, null)).to.equal(5);
    expect(quickRetryMs(retry, 0.5, 51)).to.equal(null);
  });
});

describe('admission', () => {
  const { server } = testConfig({ openai: 1 });

  it('admits a request up to the limits, and names the limit that is exceeded', () => {
    expect(() => checkLoad(server, { inFlight: 99, bufferedBytes: 0 }, 1_000)).not.to.throw();
    expect(() => checkLoad(server, { inFlight: 100, bufferedBytes: 0 }, null))
      .to.throw('100 requests')
      .with.property('code', 'overloaded');
    expect(() => checkLoad(server, { inFlight: 0, bufferedBytes: server.maxBufferedBytes }, 1))
      .to.throw()
      .with.property('status', 503);
    expect(() => checkLoad(server, { inFlight: 0, bufferedBytes: 0 }, server.maxBodyBytes + 1))
      .to.throw()
      .with.property('status', 413);
  });
});
