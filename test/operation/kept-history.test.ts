/**
 * The last hour holds what was served while a primary died: what it had not kept, what its workers served without one, each
 * request once, in the steps between.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { HistoryAnswer } from '../../src/primary/history/history-answer.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

describe('the last hour of a gateway whose primary was killed', function () {
  this.timeout(400_000);
  provider.use();

  it('has every request once, of the gateway, its model and its provider, and marks the steps that it spreads over', async () => {
    const config = { ...provider.config, workers: 1 };
    const fromMs = Date.now();
    const gateway = await startGateway(config);
    await ask(gateway, 5);
    await kill(gateway);
    await ask(gateway, 7);
    await fail(gateway, 4);
    const onPorts = { ...provider.onPortsOf(gateway), workers: 1 };
    const successor = await startGateway(onPorts, { after: gateway });
    const answer = await shows(successor, 16);
    expect(sumOf(answer.series.errors.client)).to.equal(4);
    expect(sumOf(answer.series.errors.provider)).to.equal(0);
    expect(answer.approximate).to.include(true);
    expect(answer.approximate).to.have.length(answer.series.requests.length);
    const firstMs = Date.parse(answer.until) - answer.series.requests.length * 10_000;
    expect(firstMs).to.be.above(fromMs - 10_000);
    const tokens = sumOf(answer.series.outputTokens);
    expect(sumOf((await read(successor, '?model=gpt-4')).series.requests)).to.equal(12);
    expect(sumOf((await read(successor, '?provider=openai')).series.requests)).to.equal(12);
    expect(tokens).to.be.above(0);
    expect(sumOf((await read(successor, '?provider=openai')).series.outputTokens)).to.equal(tokens);

    await ask(successor, 3);
    await shows(successor, 19);
    await kill(successor);
    const third = await startGateway(onPorts, { after: successor });
    const last = await shows(third, 19);
    expect(sumOf(last.series.errors.client)).to.equal(4);
  });
});

describe('the last hour of a gateway that was stopped', () => {
  provider.use();

  it('has the last seconds before the stop, whenever the next one starts', async () => {
    const first = await startGateway({ ...provider.config, workers: 1 });
    await ask(first, 5);
    expect((await first.stop()).code).to.equal(0);
    const onPorts = { ...provider.onPortsOf(first), workers: 1 };
    const second = await startGateway(onPorts, { after: first });
    await ask(second, 2);
    expect((await second.stop()).code).to.equal(0);
    const third = await startGateway(onPorts, { after: second });
    await shows(third, 7);
    expect(sumOf((await read(third, '?model=gpt-4')).series.requests)).to.equal(7);
  });
});

async function ask(gateway: RunningGateway, times: number): Promise<void> {
  for (let request = 0; request < times; request += 1) expect((await gateway.complete()).status).to.equal(200);
}

/** Asks for a model that nobody has. */
async function fail(gateway: RunningGateway, times: number): Promise<void> {
  for (let request = 0; request < times; request += 1) {
    const body = JSON.stringify({ model: 'nobody', messages: [{ role: 'user', content: 'hello' }] });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, body });
    await answer.arrayBuffer();
    expect(answer.status).to.equal(404);
  }
}

/** Waits until two steps after another show so many requests, and never more. */
async function shows(gateway: RunningGateway, requests: number): Promise<HistoryAnswer> {
  let until = '';
  return eventually(
    `${requests} requests are shown`,
    async () => {
      const answer = await read(gateway);
      const sum = sumOf(answer.series.requests);
      expect(sum).to.be.at.most(requests);
      if (sum < requests) return false;
      until ||= answer.until;
      return until !== answer.until && answer;
    },
    120_000,
  );
}

async function read(gateway: RunningGateway, query = ''): Promise<HistoryAnswer> {
  const answer = await fetch(`${gateway.adminUrl}/api/history${query}`);
  return (await answer.json()) as HistoryAnswer;
}

function sumOf(numbers: readonly (number | null)[]): number {
  return numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0);
}

async function kill(gateway: RunningGateway): Promise<void> {
  gateway.signal('SIGKILL');
  await gateway.exited;
}
