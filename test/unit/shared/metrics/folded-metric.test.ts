import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FoldedCounter, FoldedHistogram } from '../../../../src/shared/metrics/folded-metric.ts';
import { Counter, Histogram, Registry, readRegistry } from '../../../../src/shared/metrics/prom.ts';

const buckets = [0.1, 0.5, 1];
const stepsPerUnit = 2 ** 10;
/** On the grid, so that the library sums the same numbers. */
const seconds = fc.nat(2 * stepsPerUnit).map((steps) => steps / stepsPerUnit);
const labelValue = fc.constantFrom('openai', 'gpt-4', '', '__proto__');

/** Not in alphabetical order: the library sorts them, and ours must not depend on it. */
const allNames = ['provider', 'model', 'status', 'type', 'outcome', 'from'];

/** Up to 6 label names, and increments of children that have a value for each. */
function metricWith<V>(by: fc.Arbitrary<V>): fc.Arbitrary<{ labelNames: string[]; given: [string[], V][] }> {
  return fc.nat(allNames.length).chain((labels) =>
    fc.record({
      labelNames: fc.constant(allNames.slice(0, labels)),
      given: fc.array(fc.tuple(fc.array(labelValue, { minLength: labels, maxLength: labels }), by), { maxLength: 30 }),
    }),
  );
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** A registry as a page and as JSON, the labels sorted by name. */
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
  it("show what the library's own show, after any increments, with 0 to 6 labels", async () => {
    await fc.assert(
      fc.asyncProperty(metricWith(fc.nat(1000)), async ({ labelNames, given }) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const settings = { name: 'c_total', help: 'c', labelNames };
        const counter = new FoldedCounter(ours, settings);
        const reference = new Counter({ ...settings, registers: [theirs], aggregator: 'sum' });
        for (const [values, by] of given) {
          counter.labels(...values).inc(by);
          reference.inc(labelled(labelNames, values), by);
        }
        expect(await shown(ours)).to.deep.equal(await shown(theirs));
      }),
    );
  });

  it("show what the library's own show, after any observations, with 0 to 6 labels", async () => {
    await fc.assert(
      fc.asyncProperty(metricWith(seconds), async ({ labelNames, given }) => {
        const [ours, theirs] = [new Registry(), new Registry()];
        const settings = { name: 'h_seconds', help: 'h', labelNames, buckets };
        const histogram = new FoldedHistogram(ours, { ...settings, stepsPerUnit });
        const reference = new Histogram({ ...settings, registers: [theirs], aggregator: 'sum' });
        for (const [values, value] of given) {
          histogram.labels(...values).observe(value);
          reference.observe(labelled(labelNames, values), value);
        }
        expect(await shown(ours)).to.deep.equal(await shown(theirs));
      }),
    );
  });

  it('have each value in its exact bucket, and on their grid in the sum', async () => {
    const registry = new Registry();
    const histogram = new FoldedHistogram(registry, { name: 'h', help: 'h', labelNames: [], buckets, stepsPerUnit: 4 });
    histogram.labels().observe(0.1);
    histogram.labels().observe(0.11);
    histogram.labels().observe(0.7);
    const page = await registry.metrics();
    expect(page).to.contain('\nh_bucket{le="0.1"} 1\n').and.to.contain('\nh_bucket{le="0.5"} 2\n');
    expect(page).to.contain('\nh_sum 0.75\n');
  });

  it('begin at 0 where they have no labels', async () => {
    const registry = new Registry();
    new FoldedCounter(registry, { name: 'c_total', help: 'c', labelNames: [] });
    new FoldedHistogram(registry, { name: 'h_seconds', help: 'h', labelNames: [], buckets, stepsPerUnit });
    const page = await registry.metrics();
    expect(page).to.contain('\nc_total 0\n');
    expect(page).to.contain('\nh_seconds_count 0\n');
  });

  it('show a child that was only looked up as 0', async () => {
    const registry = new Registry();
    new FoldedCounter(registry, { name: 'c_total', help: 'c', labelNames: ['provider'] }).labels('openai');
    expect(await registry.metrics()).to.contain('c_total{provider="openai"} 0');
  });

  it('take one value for each label name, by type', () => {
    type Values = Parameters<FoldedCounter<readonly ['provider', 'model']>['labels']>;
    const taken: Record<'none' | 'one' | 'two' | 'three', boolean> = {
      none: false satisfies [] extends Values ? true : false,
      one: false satisfies [string] extends Values ? true : false,
      two: true satisfies [string, string] extends Values ? true : false,
      three: false satisfies [string, string, string] extends Values ? true : false,
    };
    expect(Object.values(taken)).to.deep.equal([false, false, true, false]);
  });

  it('throw for any other number of values where types do not know the names, and count nothing', async () => {
    for (const count of [0, 1, 2, 3, 4]) {
      const registry = new Registry();
      const labelNames: string[] = allNames.slice(0, count);
      const counter = new FoldedCounter(registry, { name: 'c_total', help: 'c', labelNames });
      const values = allNames.slice(0, count);
      counter.labels(...values).inc();
      const before = await registry.metrics();
      expect(() => counter.labels(...values, 'more')).to.throw(TypeError, `${count + 1} label values for ${count}`);
      if (count > 0) expect(() => counter.labels(...values.slice(1))).to.throw(TypeError, `${count - 1} label values`);
      expect(await registry.metrics()).to.equal(before);
    }
  });

  it('refuse a name that the registry has', () => {
    const registry = new Registry();
    const settings = { name: 'c_total', help: 'c', labelNames: [] };
    new FoldedCounter(registry, settings);
    expect(() => new FoldedCounter(registry, settings)).to.throw('already been registered');
  });
});
