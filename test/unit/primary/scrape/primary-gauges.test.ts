import { expect } from 'chai';
import { beforeEach, describe, it } from 'mocha';
import {
  createPrimaryGauges,
  type PrimaryFacts,
  type PrimaryGauges,
} from '../../../../src/primary/scrape/primary-gauges.ts';
import { Registry } from '../../../../src/shared/metrics/prom.ts';
import { seriesOfPage } from '../../../helpers/numbers.ts';

type Circuits = ReturnType<PrimaryFacts['circuits']>;

let registry: Registry;
let circuits: Circuits;
let targets: ReturnType<PrimaryFacts['targets']>;
let coolingDown: string[];
let keys: ReturnType<PrimaryFacts['keys']>;
let counters: PrimaryGauges;

/** Adds the setup of each test of a block. */
function prepare(): void {
  beforeEach(() => {
    registry = new Registry();
    circuits = [
      { provider: 'a', state: 'closed' },
      { provider: 'b', state: 'closed' },
    ];
    targets = [
      { provider: 'a', model: 'm', state: 'closed' },
      { provider: 'a', model: 'n', state: 'closed' },
    ];
    coolingDown = [];
    keys = [];
    counters = createPrimaryGauges(registry, { version: '1.2.3', providers: ['a', 'b'] });
    counters.connect({
      circuits: () => circuits,
      targets: () => targets,
      coolingDown: () => coolingDown,
      keys: () => keys,
      workers: () => ({ starting: 1, ready: 2, draining: 0, orphan: 0 }),
      credentials: () => [
        { provider: 'a', seconds: 90 },
        { provider: 'b', seconds: null },
      ],
      certificates: () => [{ port: 'gateway', seconds: 86_400.5 }],
      stateWritable: () => false,
      spendBehindMs: () => 1_500,
      lastReload: () => ({ successful: true, succeededAtMs: 5_000 }),
    });
  });
}

const page = async () => seriesOfPage(await registry.metrics());

describe('the gauges of the primary', () => {
  prepare();
  it('begin every known series at 0', async () => {
    const series = await page();
    for (const provider of ['a', 'b']) {
      expect(series.get(`llm_circuit_state{provider="${provider}"}`)).to.equal(0);
      expect(series.get(`llm_target_resting{provider="${provider}"}`)).to.equal(0);
      for (const to of ['closed', 'open', 'half_open']) {
        expect(series.get(`llm_circuit_transitions_total{provider="${provider}",to="${to}"}`)).to.equal(0);
      }
    }
    for (const reason of ['clean', 'crash', 'signal', 'replaced']) {
      expect(series.get(`llm_worker_exits_total{reason="${reason}"}`)).to.equal(0);
    }
    expect(series.get('llm_requests_in_flight')).to.equal(0);
  });

  it('show a circuit that is not closed as 1', async () => {
    circuits = [
      { provider: 'a', state: 'open' },
      { provider: 'b', state: 'half-open' },
    ];
    const series = await page();
    expect(series.get('llm_circuit_state{provider="a"}')).to.equal(1);
    expect(series.get('llm_circuit_state{provider="b"}')).to.equal(1);
  });

  it("show the circuit of each target, by the provider's own name of the model", async () => {
    expect((await page()).get('llm_target_circuit_state{provider="a",model="m"}')).to.equal(0);
    targets = [
      { provider: 'a', model: 'm', state: 'half-open' },
      { provider: 'a', model: 'n', state: 'closed' },
    ];
    const series = await page();
    expect(series.get('llm_target_circuit_state{provider="a",model="m"}')).to.equal(1);
    expect(series.get('llm_target_circuit_state{provider="a",model="n"}')).to.equal(0);
  });

  it('drop a provider that a reload removed', async () => {
    circuits = [{ provider: 'b', state: 'closed' }];
    expect([...(await page()).keys()]).to.not.include('llm_circuit_state{provider="a"}');
  });

  it('show a key that cools down, for one model or for all, by its name', async () => {
    keys = [
      { provider: 'a', key: 'one', cooldowns: [] },
      { provider: 'a', key: 'two', cooldowns: [{}] },
    ];
    const series = await page();
    expect(series.get('llm_key_resting{provider="a",key="one"}')).to.equal(0);
    expect(series.get('llm_key_resting{provider="a",key="two"}')).to.equal(1);
    expect(series.get('llm_target_resting{provider="a"}')).to.equal(0);
  });

  it('read all other values at each scrape', async () => {
    coolingDown = ['b'];
    const series = await page();
    expect(series.get('llm_target_resting{provider="b"}')).to.equal(1);
    expect(series.get('llm_workers{state="ready"}')).to.equal(2);
    expect(series.get('llm_state_writable')).to.equal(0);
    expect(series.get('llm_config_last_reload_successful')).to.equal(1);
    expect(series.get('llm_config_last_reload_success_timestamp_seconds')).to.equal(5);
    expect(series.get(`llm_build_info{version="1.2.3",node="${process.versions.node}"}`)).to.equal(1);
  });

  it('count transitions and exits', async () => {
    counters.circuitChanged('a', 'half-open');
    counters.workerExited('crash');
    counters.providersKnown(['c']);
    const series = await page();
    expect(series.get('llm_circuit_transitions_total{provider="a",to="half_open"}')).to.equal(1);
    expect(series.get('llm_worker_exits_total{reason="crash"}')).to.equal(1);
    expect(series.get('llm_circuit_transitions_total{provider="c",to="open"}')).to.equal(0);
  });

  it('have no gauge with the name of a counter', async () => {
    expect(await registry.metrics()).to.not.match(/^# TYPE \w+_total gauge$/m);
  });
});
