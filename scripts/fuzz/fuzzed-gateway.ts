/** A real gateway with two workers before a fake provider that always answers, and what must hold of it after any input. */
import assert from 'node:assert/strict';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { eventually } from '../processes/eventually.ts';
import { type RunningGateway, startGateway } from '../rig/gateway.ts';
import { oneProviderConfig } from '../rig/gateway-config.ts';

const WORKERS = 2;

/** The level of log lines that say that the gateway has failed; a broken message of a worker is one. */
const ERROR_LEVEL = 50;

/** The sum of a metric over its series, those with certain labels only if `labels` is given. */
export type Sum = (metric: string, labels?: string) => number;

export class FuzzedGateway {
  readonly gateway: RunningGateway;
  readonly provider: RunningMock;
  readonly #workers: readonly number[];

  private constructor(gateway: RunningGateway, provider: RunningMock, workers: readonly number[]) {
    this.gateway = gateway;
    this.provider = provider;
    this.#workers = workers;
  }

  /** @param observe sees the body of each request that comes to the provider */
  static async start(built: boolean, observe: (body: Buffer) => void = () => undefined): Promise<FuzzedGateway> {
    const provider = await startMock({ dialect: 'openai', port: 0, observe: (_request, body) => observe(body) });
    const log = { log: { requests: 'none' } };
    const gateway = await startGateway(oneProviderConfig(provider.port, WORKERS, log), { built });
    return new FuzzedGateway(gateway, provider, await gateway.settled(WORKERS));
  }

  /** Rejects unless all processes are the same as at the start, none has logged an error, and a request is answered. */
  async judge(): Promise<void> {
    assert.ok(!this.gateway.hasEnded, 'the primary lives');
    const answer = await this.gateway.complete();
    assert.equal(answer.status, 200, `a plain request is answered: ${await answer.text()}`);
    assert.deepEqual(await this.gateway.readyWorkers(), this.#workers, 'no worker has ended');
    const errors = this.gateway.log().filter(({ level }) => Number(level) >= ERROR_LEVEL);
    assert.deepEqual(errors, [], 'nothing is logged as an error');
  }

  /** The counts when no request is open any more. */
  async counts(): Promise<Sum> {
    const page = await eventually('no request is open', async () => {
      const text = await this.gateway.metrics();
      return sumsIn(text)('llm_requests_in_flight') === 0 && text;
    });
    return sumsIn(page);
  }

  async close(): Promise<void> {
    await this.gateway.end();
    await this.provider.close();
  }
}

function sumsIn(page: string): Sum {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return (metric, labels = '') =>
    lines
      .filter((line) => line.startsWith(`${metric} `) || (line.startsWith(`${metric}{`) && line.includes(labels)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
