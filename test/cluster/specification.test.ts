/**
 * The specification's tests and queries, answered by a real Prometheus that scrapes a gateway of four workers. Known
 * traffic is sent once, and each test checks one part of it.
 */
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { endPrometheus, type Prometheus, type Sample, startPrometheus } from '../../scripts/rig/prometheus.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';
import { endTraffic, startTraffic } from '../helpers/traffic.ts';

/** The range of the queries. */
const RANGE_SECONDS = 300;
const SUCCESSES = 5;
const SLOW = 4;
const REFUSED = 2;
const FAILOVERS = 1;

const installed = isInstalled('prometheus');
const withPrometheus = installed ? describe : describe.skip;

withPrometheus(`in a Prometheus${installed ? '' : ' (which is not installed)'}, the gateway`, () => {
  let providers: ProviderPair;
  let gateway: RunningGateway;
  let prometheus: Prometheus;
  /** The page after the traffic, and the time of the scrape that followed. */
  let page: string;
  let at: number;
  /** Requests that failed at `openai` until its circuit opened. */
  let failures = 0;
  /** Requests that were answered without an attempt: by the open circuit, or by a worker that still knew the cooldown. */
  let unattempted = 0;

  before(async () => {
    providers = await startProviderPair();
    gateway = await startGateway(pairConfig(providers));
    prometheus = await startPrometheus([gateway.adminPort]);
    await sendTraffic();
    page = await gateway.metrics();
    at = await prometheus.nextScrape();
  });

  after(async () => {
    await endTraffic();
    await endPrometheus();
    await endGateways();
    await providers.close();
  });

  async function sendTraffic(): Promise<void> {
    const { openai, anthropic } = providers;
    await ask(SUCCESSES, 'gpt-4', 200);
    openai.control.setFault({ kind: 'status', status: 429, times: FAILOVERS });
    await ask(FAILOVERS, 'gpt-4', 200);
    anthropic.control.setShape({ latencyMs: 150 });
    await ask(SLOW, 'claude-sonnet-4-5', 200);
    anthropic.control.setFault({ kind: 'status', status: 400, times: REFUSED });
    await ask(REFUSED, 'claude-sonnet-4-5', 400);
    await eventually('the target of the 429 has cooled down', async () => (await gateway.status()).rests.length === 0);
    openai.control.setFault({ kind: 'status', status: 500 });
    // `gpt-4o` has no target after `openai`, so that no failover follows. Each asks something else: one request that
    // always fails opens no circuit.
    await eventually('the circuit is open', async () => {
      const messages = [{ role: 'user', content: `request ${failures}` }];
      const { status } = await gateway.complete({ model: 'gpt-4o', messages });
      if (status === 502) failures += 1;
      else unattempted += 1;
      return status === 503;
    });
    openai.control.clearFaults();
  }

  async function ask(times: number, model: string, expected: number): Promise<void> {
    for (let request = 0; request < times; request += 1) {
      const answer = await gateway.complete({ model });
      await answer.text();
      expect(answer.status).to.equal(expected);
    }
  }

  it('counts five requests as five, on both ports', async () => {
    const series = { provider: 'openai', status: 'success', model: 'gpt-4' };
    const line = `llm_requests_total{provider="openai",status="success",model="gpt-4"} ${SUCCESSES}\n`;
    expect(page).to.contain(line);
    expect(await (await fetch(`${gateway.url}/metrics`)).text()).to.contain(line);
    const [sample] = await prometheus.query('llm_requests_total{model="gpt-4",provider="openai",status="success"}', at);
    expect(sample?.labels).to.include(series);
    expect(sample?.value).to.equal(SUCCESSES);
  });

  it('has exactly the required buckets in its histogram of latencies', async () => {
    const limits = ['0.1', '0.5', '1', '2', '5', '10', '30', '+Inf'];
    const selector = '{provider="openai",status="success"}';
    const buckets = await prometheus.valuesBy('le', `llm_request_duration_seconds_bucket${selector}`, at);
    expect(Object.keys(buckets)).to.have.members(limits);
    expect(buckets['+Inf']).to.equal(SUCCESSES);
    expect(limits.map((limit) => buckets[limit] ?? 0)).to.deep.equal(Object.values(buckets).sort((a, b) => a - b));
  });

  it('observes each request once, with its time', async () => {
    const counts = await prometheus.query(
      'llm_request_duration_seconds_count == ignoring (model) sum without (model) (llm_requests_total)',
      at,
    );
    expect(counts).to.have.length((await prometheus.query('llm_request_duration_seconds_count', at)).length);
    const slow = await prometheus.valuesBy('le', 'sum by (le) (llm_request_duration_seconds_bucket)', at);
    // The requests with a delay of 150 ms are above the first limit.
    expect((slow['+Inf'] ?? 0) - (slow['0.1'] ?? 0)).to.be.at.least(SLOW);
  });

  it('shows an open circuit as 1 and a closed one as 0', async () => {
    expect(page).to.contain('llm_circuit_state{provider="openai"} 1\n');
    expect(await prometheus.valuesBy('provider', 'llm_circuit_state', at)).to.deep.equal({ openai: 1, anthropic: 0 });
  });

  it('counts the failover from a 429 once', async () => {
    expect(page).to.contain(`llm_failover_total{from="openai",to="anthropic"} ${FAILOVERS}\n`);
    expect(await prometheus.valuesBy('to', 'llm_failover_total{from="openai"}', at)).to.deep.equal({ anthropic: 1 });
  });

  // The counters start at 0 within the range, so at the last sample a rate is exact: the count divided by the range.

  it('gives the rate of requests by provider', async () => {
    const rates = await prometheus.valuesBy('provider', 'sum by (provider) (rate(llm_requests_total[5m]))', at);
    expect(rates.openai).to.be.closeTo((SUCCESSES + failures) / RANGE_SECONDS, 1e-9);
    expect(rates.anthropic).to.be.closeTo((FAILOVERS + SLOW + REFUSED) / RANGE_SECONDS, 1e-9);
    expect(rates.unknown).to.be.closeTo(unattempted / RANGE_SECONDS, 1e-9);
  });

  it('gives the share of errors', async () => {
    const errors = 'sum by (provider) (rate(llm_requests_total{status="error"}[5m]))';
    const all = 'sum by (provider) (rate(llm_requests_total[5m]))';
    const shares = await prometheus.valuesBy('provider', `${errors} / ${all}`, at);
    expect(shares.openai).to.be.closeTo(failures / (SUCCESSES + failures), 1e-9);
    expect(shares.anthropic).to.be.closeTo(REFUSED / (FAILOVERS + SLOW + REFUSED), 1e-9);
    expect(shares.unknown).to.be.closeTo(1, 1e-9);
  });

  it('gives the 99th percentile of latency', async () => {
    const byLimit = 'sum by (le, provider) (rate(llm_request_duration_seconds_bucket[5m]))';
    const quantiles = await prometheus.valuesBy('provider', `histogram_quantile(0.99, ${byLimit})`, at);
    const buckets = await prometheus.query('sum by (le, provider) (llm_request_duration_seconds_bucket)', at);
    for (const provider of ['openai', 'anthropic']) {
      const own = buckets.filter(({ labels }) => labels.provider === provider);
      expect(quantiles[provider]).to.be.closeTo(quantile(0.99, own), 1e-6);
    }
    expect(quantiles.anthropic).to.be.greaterThan(0.1);
  });

  it('gives the state of circuits and the rate of failovers', async () => {
    expect(await prometheus.valuesBy('provider', 'llm_circuit_state', at)).to.deep.equal({ openai: 1, anthropic: 0 });
    const rates = await prometheus.query('rate(llm_failover_total[5m]) > 0', at);
    expect(rates).to.have.length(1);
    expect(rates[0]?.labels).to.include({ from: 'openai', to: 'anthropic' });
    expect(rates[0]?.value).to.be.closeTo(FAILOVERS / RANGE_SECONDS, 1e-9);
  });

  it('resets no counter when workers are killed or stopped, and loses no request', async () => {
    const traffic = startTraffic(gateway, 4, { model: 'claude-sonnet-4-5' });
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const [victim = 0] = await gateway.settled(4);
      const { acknowledged } = traffic.tally;
      process.kill(victim, signal);
      await eventually('it is replaced', async () => !(await gateway.settled(4)).includes(victim));
      await eventually('the others serve', () => traffic.tally.acknowledged > acknowledged + 4);
      await prometheus.nextScrape();
    }
    const { acknowledged, broken, refused } = await traffic.stop();
    const end = await prometheus.nextScrape();
    const counters = await prometheus.query('count by (__name__) ({__name__=~".+_(total|bucket|sum|count)"})', end);
    expect(counters).to.have.length.greaterThan(20);
    for (const { labels } of counters) {
      const resets = await prometheus.query(`resets({__name__="${labels.__name__}"}[5m]) > 0`, end);
      expect(resets, labels.__name__).to.deep.equal([]);
    }
    const series = 'llm_requests_total{provider="anthropic",status="success",model="claude-sonnet-4-5"}';
    const [increase] = await prometheus.query(`increase(${series}[5m])`, end);
    expect(refused).to.equal(0);
    expect(Math.round(increase?.value ?? 0) - SLOW).to.be.within(acknowledged, acknowledged + broken);
  });
});

/** The quantile as Prometheus defines it: linear within a bucket, and the highest limit above all of them. */
function quantile(share: number, buckets: readonly Sample[]): number {
  const steps = buckets.map(({ labels, value }) => ({ limit: Number(labels.le?.replace('+Inf', 'Infinity')), value }));
  steps.sort((a, b) => a.limit - b.limit);
  const rank = share * (steps.at(-1)?.value ?? 0);
  const index = steps.findIndex(({ value }) => value >= rank);
  const below = steps[index - 1] ?? { limit: 0, value: 0 };
  const step = steps[index] ?? below;
  if (step.limit === Number.POSITIVE_INFINITY) return below.limit;
  return below.limit + ((step.limit - below.limit) * (rank - below.value)) / (step.value - below.value);
}
