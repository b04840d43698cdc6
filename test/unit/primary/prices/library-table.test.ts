/** Our tables against the library that they come from: the same cost for every model that it has, at any time. */
import { calcPrice, type ModelInfo, waitForUpdate } from '@pydantic/genai-prices';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { tableOf } from '../../../../src/primary/prices/library-table.ts';
import { costOf } from '../../../../src/worker/policies/cost.ts';

const moments = ['2025-03-01T00:10:00Z', '2026-08-20T12:00:00Z', '2026-11-27T03:30:00Z', '2027-02-01T18:00:00Z'];

const usages = [
  { input: 1234, output: 567, cache_read: 0, cache_write: 0 },
  { input: 150_001, output: 2_003, cache_read: 90_000, cache_write: 10_001 },
  { input: 300_007, output: 10, cache_read: 250_000, cache_write: 0 },
];

/** In nano-dollars: a price of the list with parts of picodollars is rounded, which at each token is half of one at most. */
function roundingOf(prices: ModelInfo['prices'], { input, output }: { input: number; output: number }): number {
  return /\d\.\d{7}/.test(JSON.stringify(prices)) ? ((input + output) * 0.5) / 1000 : 0;
}

describe('the table of a listed model', () => {
  it('costs what the library says, for every model that it has, short and long, at any time', async () => {
    const providers = (await waitForUpdate()) ?? [];
    let compared = 0;
    for (const provider of providers) {
      for (const model of provider.models) {
        const table = tableOf(provider.id, model);
        const alone = { ...provider, models: [{ ...model, match: { equals: 'this' } }], fallback_model_providers: [] };
        for (const moment of moments) {
          for (const counts of usages) {
            const nano = costOf(table, { counts }, Date.parse(moment));
            if (nano === null) continue;
            const usage = {
              ...{ input_tokens: counts.input, output_tokens: counts.output },
              ...{ cache_read_tokens: counts.cache_read, cache_write_tokens: counts.cache_write },
            };
            const theirs = calcPrice(usage, 'this', { provider: alone, timestamp: new Date(moment) });
            const name = `${provider.id}/${model.id} ${moment} ${JSON.stringify(counts)}`;
            expect(nano, name).to.be.closeTo(
              (theirs?.total_price ?? Number.NaN) * 1e9,
              0.6 + roundingOf(model.prices, counts),
            );
            compared += 1;
          }
        }
      }
    }
    expect(compared).to.be.greaterThan(5_000);
  });

  it('is refused where a price is in force under a condition that is not known', () => {
    const constraint = { type: 'day_of_week', days: [6, 7] } as unknown as { type: 'start_date'; start_date: string };
    expect(() => tableOf('x', { id: 'm', prices: [{ constraint, prices: { input_mtok: 1 } }] })).to.throw('not known');
  });

  it('has hours of any zone', () => {
    const constraint = { type: 'time_of_date', start_time: '08:00:00+08:00', end_time: '01:30:00-02:00' } as const;
    const { periods } = tableOf('x', { id: 'm', prices: [{ prices: {} }, { constraint, prices: { input_mtok: 1 } }] });
    expect(periods[1]?.daily).to.deep.equal({ startMs: 0, endMs: 3.5 * 3_600_000 });
  });

  it('has a price for an hour in the cache in each step of Claude’s, and its own where it is listed', () => {
    const prices = {
      input_mtok: { base: 3, tiers: [{ start: 200_000, price: 6 }] },
      cache_write_mtok: { base: 3.75, tiers: [{ start: 200_000, price: 7.5 }] },
    };
    const listOf = (id: string, own: object) => tableOf('aws', { id, prices: { ...prices, ...own } }).periods[0];
    const { rates, steps } = listOf('eu.anthropic.claude-x', {}) ?? {};
    expect([rates?.cache_write_1h, steps?.[0]?.rates.cache_write_1h]).to.deep.equal([6e6, 12e6]);
    expect(listOf('claude-x', { cache_write_1h_mtok: 7 })?.rates.cache_write_1h).to.equal(7e6);
    expect(listOf('nova-x', {})?.rates).to.not.have.property('cache_write_1h');
  });
});
