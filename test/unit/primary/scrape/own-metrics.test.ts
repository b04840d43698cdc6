import { expect } from 'chai';
import { describe, it } from 'mocha';
import { createOwnMetrics } from '../../../../src/primary/scrape/own-metrics.ts';
import { lasting } from '../../../../src/shared/metrics/fold.ts';
import { collectDefaultMetrics, Gauge } from '../../../../src/shared/metrics/prom.ts';
import { testConfig, testModel } from '../../../helpers/test-config.ts';

const facts = { lateWorkers: 0, snapshotAges: [] };

describe("the primary's own metrics", () => {
  it('begin at 0 the series of the configuration and those that a reload adds', async () => {
    const own = createOwnMetrics(testConfig({ openai: 1 }));
    const failovers = async () => (await own.read(facts)).find(({ name }) => name === 'llm_failover_total')?.values;
    expect(await failovers()).to.deep.equal([]);
    own.begin(testConfig({ openai: 1, anthropic: 2 }));
    expect(await failovers()).to.deep.equal([{ value: 0, labels: { from: 'openai', to: 'anthropic' } }]);
  });

  it('begin at 0 every move between targets: within a level, to the next one, and to a fallback', async () => {
    const base = testConfig({ openai: 1, anthropic: 2 });
    const [first, second] = base.models['gpt-4']?.targets ?? [];
    if (first === undefined || second === undefined) throw new Error('the configuration has another form');
    const small = testModel('small', [first, { ...second, level: 0 }], { fallbacks: { context: ['large'] } });
    const large = testModel('large', [{ ...first, provider: 'third' }]);
    const own = createOwnMetrics({ ...base, models: { small, large } });
    const failovers = (await own.read(facts)).find(({ name }) => name === 'llm_failover_total')?.values;
    expect(failovers?.map(({ labels }) => `${labels.from} ${labels.to}`).sort()).to.deep.equal([
      'anthropic openai',
      'anthropic third',
      'openai anthropic',
      'openai third',
    ]);
  });

  it('begin at 0 the moves from the first level to each fallback model, also at the same provider', async () => {
    const base = testConfig({ openai: 1, anthropic: 2 });
    const [first, second] = base.models['gpt-4']?.targets ?? [];
    if (first === undefined || second === undefined) throw new Error('the configuration has another form');
    const small = testModel('small', [first, { ...second, level: 1 }], { fallbacks: { context: ['middle', 'large'] } });
    const middle = testModel('middle', [{ ...first, model: 'm' }]);
    const large = testModel('large', [{ ...first, provider: 'third' }]);
    const own = createOwnMetrics({ ...base, models: { small, middle, large } });
    const failovers = (await own.read(facts)).find(({ name }) => name === 'llm_failover_total')?.values;
    expect(failovers?.map(({ labels }) => `${labels.from} ${labels.to}`).sort()).to.deep.equal([
      'anthropic openai',
      'openai anthropic',
      'openai openai',
      'openai third',
    ]);
  });

  it('are known at once where fallbacks meet again and again', () => {
    const base = testConfig({ openai: 1 });
    const targets = base.models['gpt-4']?.targets ?? [];
    const models = Array.from({ length: 60 }, (_, index) => {
      const context = [1, 2].map((step) => `m${index + step}`).filter((name) => name !== 'm60' && name !== 'm61');
      return [`m${index}`, testModel(`m${index}`, targets, { fallbacks: { context } })] as const;
    });
    createOwnMetrics({ ...base, models: Object.fromEntries(models) });
  });

  it('begin at 0 the requests that name no model, of the providers that get some', async () => {
    const base = testConfig({ openai: 1, anthropic: 2 });
    const requests = async (config: typeof base) => {
      const metric = (await createOwnMetrics(config).read(facts)).find(({ name }) => name === 'llm_requests_total');
      return metric?.values.flatMap(({ labels }) =>
        labels.model === 'other' ? [`${labels.provider} ${labels.status}`] : [],
      );
    };
    expect(await requests(base)).to.deep.equal(['unknown error']);
    const passing = { ...base, passthrough: { files: null, batches: 'openai' } };
    expect(await requests(passing)).to.have.members(['unknown error', 'openai success', 'openai error']);
    const keeping = testConfig({ openai: 1, dialects: { openai: ['openai-chat', 'openai-responses'] } });
    expect(await requests(keeping)).to.have.members(['unknown error', 'openai success', 'openai error']);
  });

  it('show the higher snapshot age of two workers in one slot, and no empty slot', async () => {
    const own = createOwnMetrics(testConfig({ openai: 1 }));
    const ages = async (snapshotAges: { slot: number; ageMs: number }[]) =>
      (await own.read({ lateWorkers: 1, snapshotAges })).find(({ name }) => name === 'llm_worker_snapshot_age_seconds')
        ?.values;
    await ages([{ slot: 1, ageMs: 5 }]);
    const shown = await ages([
      { slot: 0, ageMs: 2500 },
      { slot: 0, ageMs: 500 },
    ]);
    expect(shown).to.deep.equal([{ value: 2.5, labels: { worker: '0' } }]);
  });

  it('fail the scrape when a metric cannot be merged', async () => {
    const own = createOwnMetrics(testConfig({ openai: 1 }));
    new Gauge({ name: 'odd', help: 'o', aggregator: 'median' as 'sum', registers: [own.registry] });
    const failure = await own.read(facts).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError).with.property('message').that.contains('odd');
  });

  it('show no counter of this process, which would go down when the process dies', async () => {
    const own = createOwnMetrics(testConfig({ openai: 1 }));
    collectDefaultMetrics({ register: own.registry, prefix: 'primary_' });
    const metrics = await own.read(facts);
    expect(lasting(metrics)).to.deep.equal([]);
    const cpu = metrics.find(({ name }) => name === 'primary_process_cpu_seconds');
    expect(cpu?.type).to.equal('gauge');
    expect(metrics.find(({ name }) => name === 'primary_process_start_time_seconds')?.aggregator).to.equal('first');
  });
});
