/**
 * A primary dies, or hands over, while a circuit is open and a target cools down: its successor continues with both, for
 * the time that is left.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { after, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import type { ConfigInput } from '../../scripts/rig/gateway-config.ts';
import { Workplace } from '../helpers/command.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const provider = new OneProvider();

const models = { broken: 'broken', limited: 'limited', fine: 'fine' } as const;

function config(): ConfigInput {
  return {
    ...provider.config,
    retry: { attempts: 1 },
    models: Object.fromEntries(
      Object.values(models).map((model) => [model, { targets: [{ provider: 'openai', model }] }]),
    ),
  };
}

const onPortsOf = (gateway: RunningGateway): ConfigInput => ({
  ...config(),
  server: { port: gateway.port },
  admin: { port: gateway.adminPort },
});

async function ask(gateway: RunningGateway, model: string, content = 'hello'): Promise<number> {
  const answer = await gateway.complete({ model, messages: [{ role: 'user', content }] });
  await answer.text();
  return answer.status;
}

/** A gateway with an open circuit, a cooldown, and a target that works. */
async function startTroubled(): Promise<RunningGateway> {
  const gateway = await startGateway(config());
  provider.control.setFault({ kind: 'status', status: 429, model: 'limited', retryAfter: 300 });
  expect(await ask(gateway, models.limited)).to.equal(429);
  provider.control.setFault({ kind: 'status', status: 500, model: 'broken' });
  await eventually('a circuit is open', async () => (await ask(gateway, models.broken)) === 503);
  expect(await ask(gateway, models.fine)).to.equal(200);
  provider.control.clearFaults();
  // The state is on the disk within moments of its change.
  await eventually('the checkpoint has both', () => savedIn(gateway));
  return gateway;
}

function savedIn(gateway: RunningGateway): boolean {
  const text = readFileSync(path.join(gateway.stateFolder, 'books.json'), 'utf8');
  return text.includes('"state":"open"') && text.includes('"streak":1');
}

/** When the circuit of the broken target is due, in unix ms. */
async function dueAtMs(gateway: RunningGateway): Promise<number> {
  const { targets } = await gateway.status();
  return Date.parse(targets.find(({ model }) => model === models.broken)?.openUntil ?? '');
}

async function continues(successor: RunningGateway, dueBeforeMs: number): Promise<void> {
  expect(await ask(successor, models.broken)).to.equal(503);
  expect(await ask(successor, models.limited)).to.equal(429);
  expect(await ask(successor, models.fine)).to.equal(200);
  // Both are rounded up to whole milliseconds.
  expect(await dueAtMs(successor)).to.be.closeTo(dueBeforeMs, 50);
  const { rests } = await successor.status();
  expect(rests).to.have.length(1);
  expect(rests[0]?.remainingMs).to.be.within(1, 300_000);
  expect(await successor.metric('llm_target_circuit_state{provider="openai",model="broken"}')).to.equal(1);
  expect(await successor.metric('llm_target_circuit_state{provider="openai",model="fine"}')).to.equal(0);
}

describe('open circuits and cooldowns', () => {
  provider.use();
  const place = new Workplace();
  after(() => place.leave());

  it('go on after the primary was killed, for the time that is left', async () => {
    const gateway = await startTroubled();
    const dueMs = await dueAtMs(gateway);
    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(onPortsOf(gateway), { after: gateway });
    await continues(successor, dueMs);
    expect(successor.logged('circuits and cooldowns of the last primary continue')).to.include({
      circuitsAndCooldowns: 2,
    });
  });

  it('go on after a restart of all', async () => {
    const gateway = await startTroubled();
    const dueMs = await dueAtMs(gateway);
    const order = ['restart', '--all', '--config', gateway.configFile, '--admin-port', String(gateway.adminPort)];
    const ordered = place.run(order);
    expect((await gateway.exited).code).to.equal(0);
    const successor = await startGateway(onPortsOf(gateway), { after: gateway });
    expect((await ordered).code).to.equal(0);
    await continues(successor, dueMs);
  });

  it('go on when primary and workers were killed together, and end with a reset there', async () => {
    const gateway = await startTroubled();
    const dueMs = await dueAtMs(gateway);
    gateway.signalGroup('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(onPortsOf(gateway), { after: gateway });
    await continues(successor, dueMs);
    await fetch(`${successor.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
    for (const model of [models.broken, models.limited]) {
      await eventually(`${model} is served`, async () => (await ask(successor, model)) === 200);
    }
  });

  it('end with a clean stop', async () => {
    const gateway = await startTroubled();
    expect((await gateway.stop()).code).to.equal(0);
    const next = await startGateway(onPortsOf(gateway), { after: gateway });
    for (const model of Object.values(models)) expect(await ask(next, model)).to.equal(200);
  });
});
