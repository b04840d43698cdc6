/**
 * The page of metrics after traffic of every kind, checked by Prometheus' own tool `promtool`.
 */
import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { isInstalled } from '../../scripts/processes/program.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { FaultInput } from '../../src/mock/faults.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';

/** Each fault is used for one plain request and one stream. */
const faults: readonly FaultInput[] = [
  { kind: 'status', status: 400 },
  { kind: 'status', status: 429, retryAfter: 0 },
  { kind: 'status', status: 500 },
  { kind: 'reset' },
  { kind: 'cut', afterChunks: 2 },
  { kind: 'bad-chunk', afterChunks: 2 },
  { kind: 'error-in-stream', afterChunks: 2 },
  { kind: 'empty' },
  { kind: 'bad-json' },
];

const installed = isInstalled('promtool');
const withPromtool = installed ? describe : describe.skip;

withPromtool(`promtool${installed ? '' : ' (which is not installed)'}`, () => {
  let providers: ProviderPair;
  let gateway: RunningGateway;

  beforeEach(async () => {
    providers = await startProviderPair();
    gateway = await startGateway(pairConfig(providers));
  });

  afterEach(async () => {
    await endGateways();
    await providers.close();
  });

  it('finds no fault in the page before the first request', async () => {
    expect(check(await gateway.metrics())).to.deep.equal({ status: 0, output: '' });
  });

  it('finds no fault in the page after traffic of every kind, the death of a worker and an open circuit', async () => {
    await abortStream();
    for (const stream of [false, true]) {
      await ask({ stream, stream_options: stream ? { include_usage: true } : undefined });
      await ask({ stream, model: 'claude-sonnet-4-5' });
      for (const fault of faults) {
        providers.openai.control.setFault({ ...fault, times: 1 });
        await ask({ stream });
      }
    }
    for (const body of [{ model: 'unknown "model"\n' }, { messages: [] }]) await ask(body);
    const [victim = 0] = await gateway.readyWorkers();
    process.kill(victim, 'SIGKILL');
    await gateway.settled(4);
    providers.openai.control.setFault({ kind: 'status', status: 503 });
    // Different requests: one that is repeated opens no circuit.
    let caller = 0;
    const next = () => ask({ model: 'gpt-4o', user: `caller-${caller++}` }).catch(() => 0);
    await eventually('the circuit is open', async () => (await next()) === 503);

    const page = await gateway.metrics();
    expect(page).to.contain('llm_circuit_state{provider="openai"} 1\n');
    expect(page).to.contain('llm_worker_exits_total{reason="signal"} 1\n');
    expect(page).to.match(/llm_attempts_total\{provider="openai",outcome="client_gone"\} 1\n/);
    expect(check(page)).to.deep.equal({ status: 0, output: '' });
  });

  /** The status of the answer; some faults cut off its body. */
  async function ask(body: object): Promise<number> {
    const answer = await gateway.complete(body);
    await answer.text().catch(() => null);
    return answer.status;
  }

  async function abortStream(): Promise<void> {
    providers.openai.control.setShape({ chunks: 1000, chunkMs: 20 });
    const client = new AbortController();
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
      signal: client.signal,
    });
    expect(answer.headers.get('x-headgate-provider')).to.equal('openai');
    client.abort();
    await eventually('the request to the provider is aborted', () => providers.openai.control.stats().aborted > 0);
    await eventually('nothing is in flight', async () => (await gateway.metric('llm_requests_in_flight')) === 0);
    providers.openai.control.setShape({});
  }
});

function check(page: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}
