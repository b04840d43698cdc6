import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import {
  MOST_COUNTED,
  MOST_NANO_USD,
  type ServedTier,
  type TokenCounts,
  type TokensCounted,
} from '../../../../src/shared/events.ts';
import { type PriceTable, perMillion, perThousand, type Rates } from '../../../../src/shared/prices.ts';
import { costOf } from '../../../../src/worker/policies/cost.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const flat = (rates: Rates): PriceTable => ({ periods: [{ rates }] });

/** In dollars; null where there is no price. */
function cost(table: PriceTable, counts: TokenCounts, more: Partial<TokensCounted> = {}, wallMs = 0): number | null {
  const nano = costOf(table, { counts, ...more }, wallMs);
  return nano === null ? null : nano / 1e9;
}

const all: Rates = {
  input: perMillion(3),
  output: perMillion(15),
  cache_read: perMillion(0.3),
  cache_write: perMillion(3.75),
  cache_write_1h: perMillion(6),
  cache_read_audio: perMillion(0.4),
  reasoning: perMillion(20),
  input_audio: perMillion(40),
  output_audio: perMillion(80),
  input_image: perMillion(5),
  output_image: perMillion(30),
};

describe('the cost of an answer', () => {
  it('is scaled for tokens that were not to leave the United States where the price list says so, and not for tools', () => {
    const counts = { input: 1000, output: 10 };
    const table = flat({ ...all, web_search: perThousand(10) });
    const costIn = (given: PriceTable, geo?: 'us') => costOf(given, { counts, serverTools: { web_search: 1 } }, 0, geo);
    expect(costIn({ ...table, percentInUs: 110 }, 'us')).to.equal(3_465_000 + 10_000_000);
    expect(costIn({ ...table, percentInUs: 110 })).to.equal(3_150_000 + 10_000_000);
    expect(costIn(table, 'us')).to.equal(3_150_000 + 10_000_000);
  });

  it('bills each part of the input and of the output once, by its own price', () => {
    const counts = {
      ...{ input: 1_000_000, cache_read: 200_000, cache_read_audio: 50_000, cache_write: 100_000 },
      ...{ cache_write_1h: 40_000, input_audio: 80_000, input_image: 20_000 },
      ...{ output: 500_000, reasoning: 100_000, output_audio: 50_000, output_image: 10_000 },
    };
    const input = 0.05 * 0.4 + 0.15 * 0.3 + 0.06 * 3.75 + 0.04 * 6 + 0.03 * 40 + 0.02 * 5 + 0.65 * 3;
    const output = 0.1 * 20 + 0.05 * 80 + 0.01 * 30 + 0.34 * 15;
    expect(cost(flat(all), counts)).to.be.closeTo(input + output, 1e-12);
  });

  it('takes the price of what holds them for thoughts, images and cached tokens, never for what costs more', () => {
    const table = flat({ input: perMillion(2), output: perMillion(10) });
    expect(cost(table, { input: 1000, cache_read: 400, input_image: 100, output: 100, reasoning: 60 })).to.equal(0.003);
    for (const kind of ['cache_write', 'cache_write_1h', 'input_audio', 'output_audio', 'output_image'] as const) {
      const parts = { [kind]: 1, ...(kind === 'cache_write_1h' ? { cache_write: 1 } : {}) };
      expect(cost(table, { input: 10, output: 10, ...parts }), kind).to.equal(null);
    }
  });

  it('does not know the price of an hour in the cache from that of five minutes', () => {
    const table = flat({ input: perMillion(3), cache_write: perMillion(3.75) });
    expect(cost(table, { input: 100, cache_write: 100 })).to.equal(0.000375);
    expect(cost(table, { input: 100, cache_write: 100, cache_write_1h: 1 })).to.equal(null);
  });

  it('bills estimated tokens as counted ones', () => {
    const table = flat({ input: perMillion(2), output: perMillion(10) });
    expect(cost(table, { estimated: 100, estimated_input: 1000 })).to.equal(0.003);
  });

  it('is zero where the price is zero, and unknown where there is none', () => {
    expect(cost(flat({ input: 0, output: 0 }), { input: 10, output: 10 })).to.equal(0);
    expect(cost(flat({}), { input: 10, output: 10 })).to.equal(null);
    expect(cost(flat({ input: 5 }), { input: 10, output: 1 })).to.equal(null);
  });

  it('rises with the length of the input, those from a cache counted in', () => {
    const steps = [
      { above: 128_000, rates: { input: perMillion(2) } },
      { above: 256_000, rates: { input: perMillion(4), output: perMillion(20) } },
    ];
    const table = { periods: [{ rates: { input: perMillion(1), output: perMillion(10) }, steps }] };
    const of = (input: number) => cost(table, { input, cache_read: input / 2, output: 100_000 });
    expect([of(128_000), of(128_002), of(256_002)]).to.deep.equal([1.128, 1.256004, 3.024008]);
  });

  it('is that of the last period in force: from a day on, at some hours, over midnight too', () => {
    const list = (dollars: number) => ({ rates: { input: perMillion(dollars) } });
    const table: PriceTable = {
      periods: [
        list(1),
        { ...list(2), daily: { startMs: 16 * HOUR_MS, endMs: HOUR_MS / 2 } },
        { ...list(3), fromMs: 10 * DAY_MS },
        { ...list(4), fromMs: 20 * DAY_MS },
      ],
    };
    const at = (wallMs: number) => cost(table, { input: 1_000_000 }, {}, wallMs);
    expect([at(DAY_MS + 15.9 * HOUR_MS), at(DAY_MS + 16 * HOUR_MS), at(DAY_MS + 0.4 * HOUR_MS)]).to.deep.equal([
      1, 2, 2,
    ]);
    expect([at(10 * DAY_MS - 8 * HOUR_MS), at(10 * DAY_MS), at(20 * DAY_MS)]).to.deep.equal([2, 3, 4]);
  });

  it('is that of the tier which served it, and unknown where that has no price', () => {
    const table: PriceTable = {
      ...flat({ input: perMillion(2) }),
      tiers: { priority: { rates: { input: perMillion(3.5) } } },
    };
    const served = (tier: ServedTier) => cost(table, { input: 1_000_000 }, { tier });
    expect([served('default'), served('priority')]).to.deep.equal([2, 3.5]);
    expect([served('flex'), served('other')]).to.deep.equal([null, null]);
  });

  it('has requests and uses of tools in it, and is unknown for a tool that has no price', () => {
    const table = flat({ input: 0, request: perThousand(5), web_search: perThousand(10) });
    expect(cost(table, { input: 1 }, { serverTools: { web_search: 3 } })).to.equal(0.035);
    expect(cost(table, { input: 1 }, { serverTools: { file_search: 1 } })).to.equal(null);
    expect(cost(table, { input: 1 }, { serverTools: { other: 1 } })).to.equal(null);
  });

  it('is rounded once, half up, to a whole nano-dollar', () => {
    const nano = (rate: number, input: number) => costOf(flat({ input: rate }), { counts: { input } }, 0);
    expect([nano(499, 1), nano(500, 1), nano(1_499, 1), nano(1_500, 1)]).to.deep.equal([0, 1, 1, 2]);
    expect(nano(75, 12)).to.equal(1);
  });

  it('has a limit, whatever a provider makes up', () => {
    expect(costOf(flat({ input: perMillion(600) }), { counts: { input: MOST_COUNTED } }, 0)).to.equal(MOST_NANO_USD);
    expect(costOf(flat({ input: perMillion(9) }), { counts: { input: MOST_COUNTED } }, 0)).to.equal(MOST_NANO_USD);
    expect(costOf(flat({ input: perMillion(9) }), { counts: { input: MOST_COUNTED - 1 } }, 0)).to.equal(
      8_999_999_991_000,
    );
  });

  it('is the same as in rational numbers of any size, whatever is counted', () => {
    const rate = fc.integer({ min: 0, max: 10_000_000_000 });
    const count = fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.integer({ min: 0, max: MOST_COUNTED }));
    fc.assert(
      fc.property(
        fc.record({ input: rate, output: rate, cache_read: rate, cache_write: rate }),
        fc.record({ input: count, output: count, cache_read: count, cache_write: count }),
        (rates, counts) => {
          const read = Math.min(counts.cache_read, counts.input);
          const written = Math.min(counts.cache_write, counts.input - read);
          const plain = counts.input - read - written;
          const product = (tokens: number, price: number) => BigInt(tokens) * BigInt(price);
          const pico =
            product(plain, rates.input) +
            product(read, rates.cache_read) +
            product(written, rates.cache_write) +
            product(counts.output, rates.output);
          const nano = (pico + 500n) / 1000n;
          const expected = nano > BigInt(MOST_NANO_USD) ? BigInt(MOST_NANO_USD) : nano;
          expect(costOf(flat(rates), { counts }, 0)).to.equal(Number(expected));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
