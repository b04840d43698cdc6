/** Prices in a configuration: what is refused, by place, and the tables that come of the rest. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { loadConfig, loadWithSource } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/source/faults.ts';
import { thrownBy } from '../../helpers/thrown-by.ts';

const source = (price: unknown, ofTarget?: unknown) => ({
  kind: 'object' as const,
  name: 'test',
  input: {
    providers: { a: { type: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
    models: {
      m: {
        ...(price === undefined ? {} : { price }),
        targets: [
          { provider: 'a', model: 'x' },
          [{ provider: 'a', model: 'y', ...(ofTarget === undefined ? {} : { price: ofTarget }) }],
        ],
      },
    },
  },
});

const load = (price: unknown, ofTarget?: unknown) =>
  loadConfig({ source: source(price, ofTarget), environment: {} }).models.m?.targets.map((target) => target.price);

function faultsOf(price: unknown): string[] {
  const error = thrownBy(ConfigError, () => load(price));
  return error.message.split('\n').map((line) => line.replace('test models.m.price.', ''));
}

describe('prices of a configuration', () => {
  it('are picodollars for a token: those of a target, else of its model, else none', () => {
    const table = { periods: [{ rates: { input: 1_250_000, output: 10_000_000 } }] };
    expect(load({ input: 1.25, output: 10 })).to.deep.equal([table, table]);
    expect(load({ input: 1.25, output: 10 }, { input: 0.02 })).to.deep.equal([
      table,
      { periods: [{ rates: { input: 20_000 } }] },
    ]);
    expect(load(undefined)).to.deep.equal([undefined, undefined]);
  });

  it('have steps in rising order, one or more, and tiers with the prices of uses', () => {
    const [table] =
      load({
        ...{ input: 1, output: 2, web_search: 10 },
        above: [
          { tokens: 256_000, input: 4 },
          { tokens: 128_000, input: 2 },
        ],
        tiers: { flex: { input: 0.5, above: { tokens: 1000, input: 0.7 } } },
      }) ?? [];
    expect(table?.periods[0]?.steps?.map(({ above }) => above)).to.deep.equal([128_000, 256_000]);
    expect(table?.tiers?.flex).to.deep.equal({
      rates: { input: 500_000, web_search: 10_000_000_000 },
      steps: [{ above: 1000, rates: { input: 700_000 } }],
    });
  });

  it('are all zero for what is free', () => {
    const [table] = load({ free: true }) ?? [];
    const { rates = {} } = table?.periods[0] ?? {};
    expect(new Set(Object.values(rates))).to.deep.equal(new Set([0]));
    expect(rates).to.include.keys('input', 'output_image', 'cache_write_1h', 'web_search', 'request');
  });

  it('may be zero, but neither negative, nor for one token, nor for a model of gold', () => {
    expect(load({ input: 0, output: 0 })?.[0]?.periods[0]?.rates).to.deep.equal({ input: 0, output: 0 });
    const expected = 'should be dollars per million tokens: 0, or from 0.0001 to 10000, got';
    expect(faultsOf({ input: -1 })).to.deep.equal([`input: ${expected} -1`]);
    expect(faultsOf({ input: 0.00000125 })).to.deep.equal([`input: ${expected} 0.00000125`]);
    expect(faultsOf({ input: 10_001 })).to.deep.equal([`input: ${expected} 10001`]);
    expect(faultsOf({ input: 'much' })).to.deep.equal([`input: ${expected} "much"`]);
    expect(faultsOf({ web_search: -1 })[0]).to.contain('should be dollars per thousand: 0, or from');
  });

  it('are refused by key where they say nothing that is known, or two things at once', () => {
    expect(faultsOf({ inptu: 1 })[0]).to.contain('did you mean "input"?');
    expect(faultsOf({ free: true, input: 1 })).to.deep.equal([
      'free: should be alone: what is free has no other price, got true',
    ]);
    expect(faultsOf({ above: { input: 1 } })[0]).to.contain(
      'above.tokens: should be a whole number from 1, got nothing',
    );
    expect(faultsOf({ tiers: { turbo: { input: 1 } } })[0]).to.contain('should be one of priority, flex, batch');
  });

  it('can be told where they stand', () => {
    const { pricePathOf, tree } = loadWithSource({ source: source(undefined, { input: 1 }), environment: {} });
    expect(pricePathOf('m', 0)).to.equal(null);
    expect(tree.places.ofValue(pricePathOf('m', 1) ?? []).file).to.equal('test');
    expect(pricePathOf('no', 0)).to.equal(null);
  });
});
