/** What answers cost, as real gateways count it: no nano-dollar of an acknowledged answer is lost, whoever is killed. */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { testPrice } from '../../scripts/rig/gateway-config.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

/** What one answer costs, by the tokens that its provider reports. */
async function ask(gateway: RunningGateway, model = 'gpt-4'): Promise<number> {
  const answer = await gateway.complete({ model });
  expect(answer.status).to.equal(200);
  const { usage } = (await answer.json()) as { usage: { prompt_tokens: number; completion_tokens: number } };
  return Math.round((usage.prompt_tokens * testPrice.input + usage.completion_tokens * testPrice.output) * 1e3);
}

async function askMany(gateway: RunningGateway, count: number): Promise<number> {
  const costs = await Promise.all(Array.from({ length: count }, () => ask(gateway)));
  return costs.reduce((sum, cost) => sum + cost, 0);
}

/** In nano-dollars. */
async function counted(gateway: RunningGateway): Promise<number> {
  return Math.round(Number(await gateway.metric('llm_cost_usd_total{provider="openai",model="gpt-4"}')) * 1e9);
}

describe('money', () => {
  provider.use();

  it('is counted to the nano-dollar after a worker and then the primary is killed', async () => {
    const gateway = await startGateway({ ...provider.config, workers: 2 });
    let acknowledged = await askMany(gateway, 30);
    const [victim = 0] = await gateway.settled(2);
    process.kill(victim, 'SIGKILL');
    await eventually('it is replaced', async () => !(await gateway.settled(2)).includes(victim));
    expect(await counted(gateway)).to.equal(acknowledged);
    acknowledged += await askMany(gateway, 30);
    gateway.signal('SIGKILL');
    await gateway.exited;
    acknowledged += await askMany(gateway, 20);
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    acknowledged += await askMany(successor, 20);
    // An orphan's numbers are up to a second old.
    await eventually('all is counted', async () => (await counted(successor)) >= acknowledged);
    expect(await counted(successor)).to.equal(acknowledged);
    await successor.stop();
  });

  it('is said to be unknown where no price is known, and follows a reload', async () => {
    const models = (price: object) => ({
      'any/*': { ...price, targets: [{ provider: 'openai', model: '*' }] },
      'gpt-4': { ...price, targets: [{ provider: 'openai', model: 'gpt-4' }] },
    });
    const gateway = await startGateway({ ...provider.config, models: models({}) });
    await ask(gateway, 'any/thing');
    await ask(gateway);
    const unpriced = (model: string) =>
      gateway.metric(`llm_unpriced_requests_total{provider="openai",model="${model}"}`);
    expect([await unpriced('any/*'), await unpriced('gpt-4')].map(Number)).to.deep.equal([1, 1]);
    expect(await counted(gateway)).to.equal(0);
    gateway.writeConfig({ ...provider.config, models: models({ price: testPrice }) });
    expect((await fetch(`${gateway.adminUrl}/api/reload`, { method: 'POST' })).status).to.equal(200);
    const cost = await ask(gateway);
    expect(await counted(gateway)).to.equal(cost);
    expect(Number(await unpriced('gpt-4'))).to.equal(1);
    await gateway.stop();
  });
});
