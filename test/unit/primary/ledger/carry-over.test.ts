/**
 * The numbers of another version: each metric is carried over if its own name, type, labels and buckets agree, whatever
 * became of the others.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CarryOver } from '../../../../src/primary/ledger/carry-over.ts';
import { type MetricShape, shapesOf } from '../../../../src/shared/metrics/metric-shape.ts';
import { Counter, Gauge, Histogram, type MetricJson, Registry } from '../../../../src/shared/metrics/prom.ts';
import { jsonOf, keptLog } from '../../../helpers/numbers.ts';

/** A metric as one version declares it. */
interface Declared {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
  readonly buckets: readonly number[];
}

type Version = Readonly<Record<string, Declared>>;

/** A registry of that version in which every metric has one series with the value 3. */
function registryOf(version: Version, value: number): Registry {
  const registry = new Registry();
  for (const [name, { type, labelNames, buckets }] of Object.entries(version)) {
    const description = { name, help: `in a version with ${labelNames.length} labels`, registers: [registry] };
    const labels = Object.fromEntries(labelNames.map((label) => [label, 'x']));
    const own = { ...description, labelNames: [...labelNames] };
    if (type === 'counter') new Counter({ ...own, aggregator: 'sum' }).inc(labels, value);
    else if (type === 'gauge') new Gauge({ ...own, aggregator: 'sum' }).set(labels, value);
    else if (value > 0)
      new Histogram({ ...own, aggregator: 'sum', buckets: [...buckets] }).labels(labels).observe(value);
    else new Histogram({ ...own, aggregator: 'sum', buckets: [...buckets] });
  }
  return registry;
}

function carryOver(known: readonly MetricShape[]) {
  const { log, entries } = keptLog();
  return { over: new CarryOver({ known, log }), entries };
}

async function carried(older: Version, newer: Version, value = 3) {
  const { over, entries } = carryOver(shapesOf(registryOf(newer, value)));
  const accepted = over.accept(await jsonOf(registryOf(older, value)), 'books.json');
  return { names: accepted.map(({ name }) => name), accepted, entries, over };
}

const counter = (...labelNames: string[]): Declared => ({ type: 'counter', labelNames, buckets: [] });
const histogram = (...buckets: number[]): Declared => ({ type: 'histogram', labelNames: ['provider'], buckets });
const both: Version = { a_total: counter('provider'), b_seconds: histogram(0.1, 1, 10) };

describe('the numbers of another version', () => {
  it('are carried over where nothing has changed', async () => {
    const { names, entries } = await carried(both, both);
    expect(names).to.deep.equal(['a_total', 'b_seconds']);
    expect(entries).to.deep.equal([]);
  });

  it('are carried over by a version that has one metric more', async () => {
    const { names, entries } = await carried(both, { ...both, c_total: counter() });
    expect(names).to.deep.equal(['a_total', 'b_seconds']);
    expect(entries).to.deep.equal([]);
  });

  for (const [change, newer, lost] of [
    ['has one metric less', { b_seconds: both.b_seconds }, 'a_total'],
    ['has one label more', { ...both, a_total: counter('provider', 'model') }, 'a_total'],
    ['has one label less', { ...both, a_total: counter() }, 'a_total'],
    ['has another label', { ...both, a_total: counter('model') }, 'a_total'],
    ['has another type under the name', { ...both, a_total: histogram(1) }, 'a_total'],
    ['has one bucket more', { ...both, b_seconds: histogram(0.1, 1, 10, 60) }, 'b_seconds'],
    ['has one bucket less', { ...both, b_seconds: histogram(0.1, 1) }, 'b_seconds'],
    ['has another bucket', { ...both, b_seconds: histogram(0.1, 2, 10) }, 'b_seconds'],
  ] as const) {
    it(`are carried over metric by metric by a version that ${change}, and the one that is lost is named`, async () => {
      const { names, entries } = await carried(both, newer as Version);
      expect(names).to.deep.equal(Object.keys(both).filter((name) => name !== lost));
      expect(entries.map((entry) => entry.metrics)).to.deep.equal([[lost]]);
    });
  }

  it('are named once, however often their file is read', async () => {
    const { over, entries } = await carried(both, { b_seconds: histogram(0.1, 1, 10) });
    over.accept(await jsonOf(registryOf(both, 3)), 'orphan-a.json');
    expect(entries).to.have.length(1);
  });

  it('are left out without a word where nothing was counted', async () => {
    const { names, entries } = await carried(both, { b_seconds: histogram(0.1, 1, 10) }, 0);
    expect(names).to.deep.equal(['b_seconds']);
    expect(entries).to.deep.equal([]);
  });

  it('have the help text of this version', async () => {
    const { over } = carryOver([
      { name: 'a_total', help: 'new', type: 'counter', aggregator: 'sum', labelNames: ['provider'], upperBounds: null },
    ]);
    const [accepted] = over.accept(await jsonOf(registryOf({ a_total: counter('provider') }, 3)), 'books.json');
    expect(accepted?.help).to.equal('new');
  });

  it('keep gauges that this version does not know, and lose those that it has as something else', async () => {
    const gauge: Declared = { type: 'gauge', labelNames: [], buckets: [] };
    const { names } = await carried({ g: gauge, h: gauge, i_total: gauge }, { h: gauge, i_total: counter() });
    expect(names).to.deep.equal(['g', 'h']);
  });

  it('may hold anything where another version puts what this one does not understand', () => {
    const { over, entries } = carryOver(shapesOf(registryOf(both, 3)));
    const sample = { value: null, labels: { provider: 'x' } };
    const strange = [null, 7, [], { name: 'x_total' }, { name: 'a_total', type: 'counter', values: [sample] }];
    expect(over.accept(strange, 'books.json')).to.deep.equal([]);
    expect(entries.map(({ metrics }) => metrics)).to.deep.equal([['a metric without a name', 'x_total', 'a_total']]);
  });

  const declared: fc.Arbitrary<Declared> = fc.record({
    type: fc.constantFrom('counter', 'histogram'),
    labelNames: fc.constantFrom([], ['provider'], ['provider', 'model']),
    buckets: fc.constantFrom([1], [1, 10], [0.1, 1, 10]),
  });
  const version = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), declared);
  const same = (one: Declared, other: Declared | undefined) =>
    other !== undefined &&
    one.type === other.type &&
    one.labelNames.join() === other.labelNames.join() &&
    (one.type === 'counter' || one.buckets.join() === other.buckets.join());

  it('are carried over for exactly the metrics that two versions have in common, in any two versions', async () => {
    await fc.assert(
      fc.asyncProperty(version, version, async (older, newer) => {
        const { accepted, entries } = await carried(older, newer);
        const kept = Object.keys(older).filter((name) => {
          const metric = older[name];
          return metric !== undefined && same(metric, newer[name]);
        });
        const lost = Object.keys(older).filter((name) => !kept.includes(name));
        expect(accepted.map(({ name }) => name)).to.have.members(kept);
        expect(entries.flatMap(({ metrics }) => metrics)).to.have.members(lost);
        const values = (metrics: readonly MetricJson[]) => new Map(metrics.map(({ name, values }) => [name, values]));
        const before = values(await jsonOf(registryOf(older, 3)));
        for (const [name, carriedValues] of values(accepted)) expect(carriedValues).to.deep.equal(before.get(name));
      }),
    );
  });
});
