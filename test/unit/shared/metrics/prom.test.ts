import { expect } from 'chai';
import { describe, it } from 'mocha';
import {
  Counter,
  Gauge,
  Histogram,
  isMetricJson,
  Registry,
  readRegistry,
} from '../../../../src/shared/metrics/prom.ts';

describe('readRegistry', () => {
  it('returns every metric in the form that is exchanged', async () => {
    const registry = new Registry();
    const registers = [registry];
    new Counter({ name: 'a_total', help: 'a', registers }).inc(2);
    new Histogram({ name: 'b', help: 'b', buckets: [1], registers }).observe(3);
    const metrics = await readRegistry(registry);
    expect(metrics.map(({ name, type }) => [name, type])).to.deep.equal([
      ['a_total', 'counter'],
      ['b', 'histogram'],
    ]);
    expect(metrics.every(isMetricJson)).to.equal(true);
  });

  it('throws for a metric that cannot be merged, and names it', async () => {
    const registry = new Registry();
    new Gauge({ name: 'fine', help: 'f', registers: [registry] });
    new Gauge({ name: 'odd', help: 'o', aggregator: 'median' as 'sum', registers: [registry] });
    const failure = await readRegistry(registry).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError).with.property('message', 'a metric cannot be merged: odd');
  });
});
