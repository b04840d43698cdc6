import { expect } from 'chai';
import { describe, it } from 'mocha';
import { exactSeconds } from '../../../../src/shared/events.ts';
import { fold, lasting } from '../../../../src/shared/metrics/fold.ts';
import { Counter, Gauge, Registry } from '../../../../src/shared/metrics/prom.ts';
import { folded, jsonOf, requestEnded, series } from '../../../helpers/numbers.ts';

describe('fold', () => {
  it('computes the same numbers as one registry with all events', async () => {
    const mine = [requestEnded({ seconds: 0.25 }), requestEnded({ provider: 'anthropic', status: 'error' })];
    const theirs = [requestEnded({ seconds: 7 }), requestEnded({ model: 'other' })];
    const parts = fold([await folded(mine), await folded(theirs)]);
    expect(series(parts)).to.deep.equal(series(await folded([...mine, ...theirs])));
  });

  it('folds the results of folds, also empty ones, and does not change its inputs', async () => {
    const one = await folded([requestEnded()]);
    const before = JSON.stringify(one);
    const twice = fold([fold([[], one]), fold([]), one]);
    expect(series(twice)).to.deep.equal(series(await folded([requestEnded(), requestEnded()])));
    expect(JSON.stringify(one)).to.equal(before);
  });

  it('computes sums that are exactly the same in any order', async () => {
    const events = Array.from({ length: 60 }, (_, index) =>
      requestEnded({ seconds: exactSeconds(index * 37.7 + 0.123) }),
    );
    const parts = await Promise.all(events.map((event) => folded([event])));
    const forward = parts.reduce((sum, part) => fold([sum, part]));
    const backward = parts.toReversed().reduce((sum, part) => fold([part, sum]));
    const together = fold(parts);
    expect(series(forward)).to.deep.equal(series(backward));
    expect(series(forward)).to.deep.equal(series(together));
  });

  it('merges each gauge by its own aggregator', async () => {
    const registryWith = (value: number) => {
      const registry = new Registry();
      new Gauge({ name: 'sum', help: 's', aggregator: 'sum', registers: [registry] }).set(value);
      new Gauge({ name: 'max', help: 'm', aggregator: 'max', registers: [registry] }).set(value);
      new Gauge({ name: 'none', help: 'n', aggregator: 'omit', registers: [registry] }).set(value);
      return jsonOf(registry);
    };
    const merged = fold([await registryWith(3), await registryWith(4)]);
    expect(merged.map(({ name, values }) => [name, values[0]?.value])).to.deep.equal([
      ['sum', 7],
      ['max', 4],
    ]);
  });

  it('treats labels in another order as the same series', async () => {
    const registryWith = (labels: Record<string, string>) => {
      const registry = new Registry();
      new Counter({ name: 'c', help: 'c', labelNames: ['a', 'b'], registers: [registry] }).inc(labels);
      return jsonOf(registry);
    };
    const merged = fold([await registryWith({ a: '1', b: '2' }), await registryWith({ b: '2', a: '1' })]);
    expect(merged[0]?.values).to.have.length(1);
    expect(merged[0]?.values[0]?.value).to.equal(2);
  });
});

describe('lasting', () => {
  it('keeps counters and histograms that counted, and no gauge', async () => {
    const registry = new Registry();
    new Gauge({ name: 'gauge', help: 'g', registers: [registry] }).set(5);
    new Counter({ name: 'counted', help: 'c', registers: [registry] }).inc();
    new Counter({ name: 'still_zero', help: 'z', registers: [registry] });
    expect(lasting(await jsonOf(registry)).map(({ name }) => name)).to.deep.equal(['counted']);
  });
});
