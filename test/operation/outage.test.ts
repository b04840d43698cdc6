/**
 * All providers are down under load. The gateway must not multiply the load, must return the reason of each refusal,
 * and must recover without help.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const REQUESTS = 300;
const CLIENTS = 20;
/** Retries per second of the host besides a fifth of the requests; a new worker has those of one second available. */
const STEADY_RETRIES = 10;

describe('a total outage', () => {
  const provider = new OneProvider();
  provider.use();

  async function setFault(fault: object | null): Promise<void> {
    const body = fault === null ? {} : { body: JSON.stringify(fault) };
    await fetch(`http://127.0.0.1:${provider.port}/_mock/fault`, {
      method: fault === null ? 'DELETE' : 'PUT',
      ...body,
    });
  }

  async function asked(): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${provider.port}/_mock/stats`);
    return ((await response.json()) as { requests: number }).requests;
  }

  /** Sends many requests at the same time; returns the number of answers by status. */
  async function load(gateway: RunningGateway): Promise<Map<number, number>> {
    const statuses = new Map<number, number>();
    let sent = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (sent < REQUESTS) {
          sent += 1;
          const { status } = await gateway.complete();
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }),
    );
    return statuses;
  }

  it('is not made worse by retries, even if no circuit opens', async () => {
    const circuit = { min_failures: 10_000, outcomes: 10_000 };
    const retry = { attempts: 5, base_delay: '1ms', max_delay: '2ms' };
    const gateway = await startGateway({ ...provider.config, circuit, retry });
    await setFault({ kind: 'status', status: 500 });
    const startedAt = performance.now();
    const statuses = await load(gateway);
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(statuses.get(502)).to.equal(REQUESTS);
    const allowed = 1.2 * REQUESTS + STEADY_RETRIES * (seconds + 1);
    expect(await asked()).to.be.within(REQUESTS + 1, Math.ceil(allowed));
  });

  it('is answered fast with 503 and Retry-After, and ends after one probe', async () => {
    const gateway = await startGateway({
      ...provider.config,
      circuit: { open_for: '10s', max_open_for: '10s' },
      retry: { attempts: 1 },
    });
    await setFault({ kind: 'status', status: 500 });
    const statuses = await load(gateway);
    expect((statuses.get(502) ?? 0) + (statuses.get(503) ?? 0)).to.equal(REQUESTS);
    expect(statuses.get(503)).to.be.greaterThan(REQUESTS / 2);
    const refusal = await gateway.complete();
    expect([refusal.status, Number(refusal.headers.get('retry-after'))]).to.satisfy(
      ([status, seconds]: number[]) => status === 503 && seconds !== undefined && seconds >= 1 && seconds <= 11,
    );
    await setFault(null);
    await eventually('requests are answered again', async () => (await gateway.complete()).status === 200);
    expect(await gateway.metric('llm_circuit_state{provider="openai"}')).to.equal(0);
  });
});
