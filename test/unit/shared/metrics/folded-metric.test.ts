import { expect } from 'chai';
import fc from 'fast-check';
import { FoldedCounter, FoldedHistogram } from '../../../../src/shared/metrics/folded-metric.ts';
import { Counter, Histogram, Registry, readRegistry } from '../../../../src/shared/metrics/prom.ts';

const provider = fc.constantFrom('openai', 'azure', '');
const model = fc.constantFrom('gpt-4', 'claude', '__proto__');
const buckets = [0.1, 0.5, 1];
const labelNames = ['provider', 'model'] as const;

/** Both registries as a page and as JSON, the labels in an order of their own. */
async function shown(registry: Registry): Promise<{ page: string; json: unknown }> {
  const json = (await readRegistry(registry)).map((metric) => ({
    ...metric,
    values: metric.values.map(({ value, metricName, labels }) => ({
      value,
      metricName,
      labels: Object.entries(labels).sort(),
    })),
  }));
  return { page: await registry.metrics(), json };
}

describe('folded metrics', () => {
  it("show what the library's own show, after any increments", async () => {
    const increments = fc.array(fc.tuple(provider, model, fc.nat(1000)), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(increments, async (given) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const settings = { name: 'c_total', help: 'c', labelNames: [...labelNames] };
        const counter = new FoldedCounter(ours, settings);
        const reference = new Counter({ ...settings, registers: [theirs], aggregator: 'sum' });
        for (const [one, two, by] of given) {
          counter.labels(one, two).inc(by);
          reference.inc({ provider: one, model: two }, by);
        }
        expect(await shown(ours)).to.deep.equal(await shown(theirs));
      }),
    );
  });

  it("show what the library's own show, after any observations", async () => {
    const seconds = fc.oneof(fc.constantFrom(0, ...buckets), fc.double({ min: 0, max: 2, noNaN: true }));
    const observations = fc.array(fc.tuple(provider, model, seconds), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(observations, async (given) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const settings = { name: 'h_seconds', help: 'h', labelNames: [...labelNames], buckets };
        const histogram = new FoldedHistogram(ours, settings);
        const reference = new Histogram({ ...settings, registers: [theirs], aggregator: 'sum' });
        for (const [one, two, value] of given) {
          histogram.labels(one, two).observe(value);
          reference.observe({ provider: one, model: two }, value);
        }
        expect(await shown(ours)).to.deep.equal(await shown(theirs));
      }),
    );
  });

  it('begin at 0 where they have no labels', async () => {
    const registry = new Registry();
    new FoldedCounter(registry, { name: 'c_total', help: 'c', labelNames: [] });
    expect(await registry.metrics()).to.contain('\nc_total 0\n');
  });

  it('show a child that was only looked up as 0', async () => {
    const registry = new Registry();
    new FoldedCounter(registry, { name: 'c_total', help: 'c', labelNames: ['provider'] }).labels('openai');
    expect(await registry.metrics()).to.contain('c_total{provider="openai"} 0');
  });

  it('refuse a name that the registry has', () => {
    const registry = new Registry();
    const settings = { name: 'c_total', help: 'c', labelNames: [] };
    new FoldedCounter(registry, settings);
    expect(() => new FoldedCounter(registry, settings)).to.throw('already been registered');
  });
});
