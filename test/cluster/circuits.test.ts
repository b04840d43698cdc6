/**
 * One circuit per provider for the whole host: outcomes of all workers count, and each decision holds for all workers.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { withClientPerWorker } from '../../scripts/rig/worker-clients.ts';
import type { CircuitState } from '../../src/shared/circuits/circuit-view.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';

const WORKERS = 4;
/** How long every worker may take to refuse on a busy host; the view of an opening itself takes a few ms. */
/** A model with `openai` as its only provider. */
const alone = { model: 'gpt-4o' };

let providers: ProviderPair;
let gateway: RunningGateway;

async function start(circuit: object): Promise<void> {
  gateway = await startGateway({ ...pairConfig(providers), retry: { attempts: 1 }, circuit });
}

/** The circuit in the status and on the metrics page, which has one series per provider for all workers. */
async function circuitOf(provider: string): Promise<{ state: CircuitState | undefined; gauges: readonly number[] }> {
  const [{ circuits }, page] = [await gateway.status(), await gateway.metrics()];
  const lines = page.split('\n').filter((line) => line.startsWith(`llm_circuit_state{provider="${provider}"`));
  return {
    state: circuits.find((circuit) => circuit.provider === provider)?.state,
    gauges: lines.map((line) => Number(line.split(' ').at(-1))),
  };
}

async function stateBecomes(state: CircuitState): Promise<void> {
  await eventually(`the circuit is ${state}`, async () => {
    const { circuits } = await gateway.status();
    return circuits.some((circuit) => circuit.provider === 'openai' && circuit.state === state);
  });
}

/** Makes requests fail until the circuit is open; afterwards the provider works again. */
async function openCircuit(): Promise<void> {
  providers.openai.control.setFault({ kind: 'status', status: 500 });
  await eventually('a request is refused', async () => (await statusOfOne()) === 503);
  providers.openai.control.clearFaults();
}

async function statusOfOne(): Promise<number> {
  const answer = await gateway.complete(alone);
  await answer.text();
  return answer.status;
}

/** Sends `times` requests at the same time and returns the statuses of the answers. */
async function askTogether(times: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: times }, () => statusOfOne()));
}

describe('a circuit of the host', () => {
  beforeEach(async () => {
    providers = await startProviderPair();
  });

  afterEach(async () => {
    await endGateways();
    await providers.close();
  });

  describe('failures seen by several workers', () => {
    it('open one circuit for all of them', async () => {
      await start({ min_failures: 5 });
      providers.openai.control.setFault({ kind: 'status', status: 500 });
      await withClientPerWorker(gateway, WORKERS, async (clients) => {
        for (const client of clients) expect((await client.ask(alone)).status).to.equal(502);
        expect(await circuitOf('openai')).to.deep.equal({ state: 'closed', gauges: [0] });
        expect((await clients[0]?.ask(alone))?.status).to.equal(502);
        const refusals = await Promise.all(
          clients.map((client) =>
            eventually('this worker refuses', async () => {
              const answer = await client.ask(alone);
              return answer.status === 503 && answer;
            }),
          ),
        );
        for (const { text, headers } of refusals) {
          expect(JSON.parse(text).error.code).to.equal('circuit_open');
          expect(Number(headers['retry-after'])).to.be.within(1, 33);
        }
      });
      expect(await circuitOf('openai')).to.deep.equal({ state: 'open', gauges: [1] });
      expect(await circuitOf('anthropic')).to.deep.equal({ state: 'closed', gauges: [0] });
    });

    it('make every worker skip the provider if there is another one, which counts as no failover', async () => {
      await start({ min_failures: 5 });
      await openCircuit();
      const { requests } = providers.openai.control.stats();
      await withClientPerWorker(gateway, WORKERS, async (clients) => {
        for (const client of clients) {
          const { status, headers } = await client.ask();
          expect(status).to.equal(200);
          expect(headers['x-headgate-attempts']).to.match(/^anthropic=200/);
        }
      });
      expect(providers.openai.control.stats().requests).to.equal(requests);
      expect(await gateway.metric('llm_failover_total{from="openai",to="anthropic"}')).to.equal(0);
      expect(await gateway.metric('llm_circuit_rejections_total{provider="openai"}')).to.be.at.least(WORKERS);
    });

    it('hold for a worker that starts later', async () => {
      await start({ min_failures: 5 });
      await openCircuit();
      const before = await gateway.readyWorkers();
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await eventually('other workers serve', async () =>
        (await gateway.settled(WORKERS)).every((pid) => !before.includes(pid)),
      );
      const { requests } = providers.openai.control.stats();
      await withClientPerWorker(gateway, WORKERS, async (clients) => {
        for (const client of clients) expect((await client.ask(alone)).status).to.equal(503);
      });
      expect(providers.openai.control.stats().requests).to.equal(requests);
    });
  });

  describe('a circuit whose open time has ended', () => {
    beforeEach(() => start({ min_failures: 3, open_for: '800ms' }));

    it('sends one probe on the whole host, and closes after its success', async () => {
      await openCircuit();
      // Longer than it takes to send the other requests.
      providers.openai.control.setShape({ latencyMs: 1_000 });
      await stateBecomes('half-open');
      expect(await circuitOf('openai')).to.deep.equal({ state: 'half-open', gauges: [1] });
      const { requests } = providers.openai.control.stats();
      const statuses = await askTogether(40);
      expect(providers.openai.control.stats().requests).to.equal(requests + 1);
      expect([...statuses].sort()).to.deep.equal([200, ...Array.from({ length: 39 }, () => 503)]);
      await stateBecomes('closed');
      expect(await circuitOf('openai')).to.deep.equal({ state: 'closed', gauges: [0] });
      providers.openai.control.setShape({});
      await withClientPerWorker(gateway, WORKERS, async (clients) => {
        for (const client of clients) expect((await client.ask(alone)).status).to.equal(200);
      });
    });

    it('opens again after a failed probe', async () => {
      await openCircuit();
      await stateBecomes('half-open');
      providers.openai.control.setFault({ kind: 'status', status: 500 });
      const { requests } = providers.openai.control.stats();
      const statuses = await askTogether(20);
      expect(providers.openai.control.stats().requests).to.equal(requests + 1);
      expect([...statuses].sort()).to.deep.equal([502, ...Array.from({ length: 19 }, () => 503)]);
      expect(await circuitOf('openai')).to.deep.equal({ state: 'open', gauges: [1] });
    });

    it('grants the lease to another worker when its holder is killed', async () => {
      await openCircuit();
      await stateBecomes('half-open');
      // A worker reports its open requests each second: those of the requests before must not be taken for the probe.
      await eventually('no worker has an open request', async () =>
        (await gateway.status()).workers.every(({ inFlight }) => inFlight === 0),
      );
      providers.openai.control.setFault({ kind: 'hang', times: 1 });
      const probe = statusOfOne().catch(() => 'broken');
      const prober = await eventually('a worker probes', async () => {
        const { workers } = await gateway.status();
        return workers.find(({ inFlight }) => inFlight > 0);
      });
      await eventually('the provider gets the probe', () => providers.openai.control.stats().inFlight === 1);
      expect(await askTogether(4)).to.deep.equal([503, 503, 503, 503]);
      process.kill(prober.pid, 'SIGKILL');
      expect(await probe).to.equal('broken');
      // A connection that waited at the killed worker's socket is reset.
      const outcome = () => statusOfOne().catch(() => 'broken');
      await eventually('another probe succeeds', async () => (await outcome()) === 200);
      await stateBecomes('closed');
    });
  });
});
