/** Sums that grow for years: up to which total they are exact, by the grid of each histogram. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { exactSeconds } from '../../../../src/shared/events.ts';
import { fold } from '../../../../src/shared/metrics/fold.ts';
import type { MetricJson } from '../../../../src/shared/metrics/prom.ts';
import { folded, requestEnded } from '../../../helpers/numbers.ts';

const YEAR_SECONDS = 365.25 * 86_400;

/** Of what a request takes: each one in flight adds a second in a second. */
const inFlight = 10_000;

/** The metrics of a ledger whose requests have taken so long. */
async function ledgerAfter(seconds: number): Promise<MetricJson[]> {
  const metrics = await folded([requestEnded({ seconds: 0 })]);
  return metrics.map((metric) => ({
    ...metric,
    values: metric.values.map((sample) => {
      return sample.metricName === 'llm_request_duration_seconds_sum' ? { ...sample, value: seconds } : sample;
    }),
  }));
}

function sumOf(metrics: readonly MetricJson[]): number {
  const samples = metrics.flatMap(({ values }) => values);
  return samples.find(({ metricName }) => metricName === 'llm_request_duration_seconds_sum')?.value ?? Number.NaN;
}

const seconds = fc.double({ min: 0, max: 1_800, noNaN: true }).map((value) => exactSeconds(value * 1000));

describe('sums of durations', () => {
  it('are exact in any order for 27 years with 10,000 requests in flight at all times', () =>
    fc.assert(
      fc.asyncProperty(fc.array(seconds, { minLength: 2, maxLength: 8 }), async (durations) => {
        const total = 27 * YEAR_SECONDS * inFlight;
        const parts = await Promise.all(durations.map((duration) => folded([requestEnded({ seconds: duration })])));
        const before = await ledgerAfter(total);
        const steps = durations.reduce((sum, duration) => sum + BigInt(Math.round(duration * 1024)), 0n);
        const expected = BigInt(total) * 1024n + steps;
        const forward = sumOf(parts.reduce((sum, part) => fold([sum, part]), before));
        const backward = sumOf(fold([parts.reduceRight((sum, part) => fold([part, sum])), before]));
        expect(BigInt(forward * 1024)).to.equal(expected);
        expect(backward).to.equal(forward);
      }),
      { numRuns: 30 },
    ));

  it('go on exactly from a total of a version with the finer grid, while that is below 272 years', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2 ** 53 - 2 ** 40 }),
        fc.array(seconds, { minLength: 1, maxLength: 6 }),
        async (fineSteps, durations) => {
          const parts = await Promise.all(durations.map((duration) => folded([requestEnded({ seconds: duration })])));
          const total = sumOf(fold([await ledgerAfter(fineSteps / 2 ** 20), ...parts]));
          const added = durations.reduce((sum, duration) => sum + BigInt(Math.round(duration * 1024)) * 1024n, 0n);
          expect(BigInt(total * 2 ** 20)).to.equal(BigInt(fineSteps) + added);
        },
      ),
      { numRuns: 50 },
    ));
});
