/**
 * Circuits of targets and of their provider, with real processes: a broken model harms no other, a provider that is gone
 * is left out for all of its models, one request that always fails opens nothing, and a probe that hangs blocks nobody.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { eventually } from '../../scripts/processes/eventually.ts';
import { freePort } from '../../scripts/processes/free-port.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';

/** Models of the same names at one provider, each its only target. */
function configOf(baseUrl: string, models: readonly string[], given: object = {}) {
  return {
    ...gatewayConfig(1),
    retry: { attempts: 1 },
    providers: { openai: { type: 'openai', base_url: baseUrl, api_key: 'sk-test' } },
    models: Object.fromEntries(models.map((model) => [model, { targets: [{ provider: 'openai', model }] }])),
    ...given,
  };
}

async function ask(gateway: RunningGateway, model: string, content = 'hello', stream = false): Promise<number> {
  const answer = await gateway.complete({ model, stream, messages: [{ role: 'user', content }] });
  await answer.text();
  return answer.status;
}

/** Statuses of so many requests, one after the other, each with another body. */
async function askTimes(gateway: RunningGateway, model: string, times: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let request = 0; request < times; request += 1) statuses.push(await ask(gateway, model, `request ${request}`));
  return statuses;
}

async function refused(gateway: RunningGateway, model: string): Promise<void> {
  await eventually(`${model} is refused`, async () => (await ask(gateway, model)) === 503);
}

const targetGauge = (model: string) => `llm_target_circuit_state{provider="openai",model="${model}"}`;
const providerGauge = 'llm_circuit_state{provider="openai"}';

describe('circuits of targets', () => {
  let provider: RunningMock;

  beforeEach(async () => {
    provider = await startMock({ dialect: 'openai', port: 0 });
  });
  afterEach(async () => {
    await endGateways();
    await Promise.all([provider.close(), closePoisonable()]);
  });

  const baseUrl = () => `http://127.0.0.1:${provider.port}/v1`;

  it('leave the healthy models of a provider alone when one is broken', async () => {
    const gateway = await startGateway(configOf(baseUrl(), ['broken', 'fine', 'idle']));
    provider.control.setFault({ kind: 'status', status: 503, model: 'broken' });
    expect(await askTimes(gateway, 'fine', 4)).to.deep.equal([200, 200, 200, 200]);
    expect(await askTimes(gateway, 'broken', 5)).to.deep.equal([502, 502, 502, 502, 502]);
    await refused(gateway, 'broken');
    expect(await askTimes(gateway, 'fine', 20)).to.deep.equal(Array(20).fill(200));
    expect(await ask(gateway, 'idle')).to.equal(200);
    expect(await gateway.metric(targetGauge('broken'))).to.equal(1);
    expect(await gateway.metric(targetGauge('fine'))).to.equal(0);
    expect(await gateway.metric(providerGauge)).to.equal(0);
    const { targets } = await gateway.status();
    expect(targets.find(({ model }) => model === 'broken')).to.deep.include({ state: 'open', barred: false });
  });

  it('show their provider as open when most with traffic are', async () => {
    const gateway = await startGateway(configOf(baseUrl(), ['broken', 'fine']));
    provider.control.setFault({ kind: 'status', status: 503, model: 'broken' });
    await askTimes(gateway, 'broken', 5);
    await refused(gateway, 'broken');
    expect(await gateway.metric(providerGauge)).to.equal(1);
    expect(await ask(gateway, 'fine'), 'which excludes nobody').to.equal(200);
    expect(await gateway.metric(providerGauge)).to.equal(0);
  });

  it('make way for the circuit of their provider when two of three are broken, until one answers again', async () => {
    const models = ['one', 'two', 'three'];
    const gateway = await startGateway(configOf(baseUrl(), models, { circuit: { open_for: '500ms' } }));
    await askTimes(gateway, 'three', 4);
    provider.control.setFault({ kind: 'status', status: 500 });
    await eventually('all models are refused', async () => {
      for (const model of models.slice(0, 2)) await ask(gateway, model, `${performance.now()}`);
      return (await gateway.status()).targets.every(({ barred }) => barred);
    });
    provider.control.clearFaults();
    for (const model of models) await eventually(`${model} is back`, async () => (await ask(gateway, model)) === 200);
    expect((await gateway.status()).targets.every(({ barred }) => !barred)).to.equal(true);
  });

  it('are closed by the reset of their provider, whose cooldowns it ends', async () => {
    const gateway = await startGateway(configOf(baseUrl(), ['broken', 'limited']));
    provider.control.setFault({ kind: 'status', status: 429, model: 'limited', retryAfter: 60 });
    expect(await ask(gateway, 'limited')).to.equal(429);
    provider.control.setFault({ kind: 'status', status: 500, model: 'broken' });
    await askTimes(gateway, 'broken', 5);
    await refused(gateway, 'broken');
    provider.control.clearFaults();
    await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
    for (const model of ['broken', 'limited']) {
      await eventually(`${model} is served`, async () => (await ask(gateway, model)) === 200);
    }
  });

  it('stay closed when one caller repeats a request that always fails', async () => {
    const gateway = await startGateway(configOf(await poisonable(), ['shared']));
    expect(await askTimes(gateway, 'shared', 3)).to.deep.equal([200, 200, 200]);
    for (let times = 0; times < 25; times += 1) expect(await ask(gateway, 'shared', 'poison')).to.equal(502);
    expect(await askTimes(gateway, 'shared', 5)).to.deep.equal([200, 200, 200, 200, 200]);
    expect(await gateway.metric(targetGauge('shared'))).to.equal(0);
  });

  it('open for a request that has succeeded before, however often the same is sent', async () => {
    const gateway = await startGateway(configOf(baseUrl(), ['m']));
    for (let times = 0; times < 5; times += 1) expect(await ask(gateway, 'm')).to.equal(200);
    provider.control.setFault({ kind: 'status', status: 500 });
    await refused(gateway, 'm');
    expect(await gateway.metric(providerGauge)).to.equal(1);
  });
});

describe('the circuit of a provider', () => {
  afterEach(endGateways);

  const models = Array.from({ length: 1_000 }, (_, index) => `m${index}`);

  it('opens for all of a thousand models when nobody listens there, and for no reason of theirs', async () => {
    const gateway = await startGateway(configOf(`http://127.0.0.1:${await freePort()}/v1`, models));
    for (const model of models.slice(0, 5)) expect(await ask(gateway, model)).to.equal(502);
    await refused(gateway, 'm900');
    const { circuits, targets } = await gateway.status();
    expect(circuits[0]).to.deep.include({ state: 'open', failures: 5 });
    expect(targets).to.have.length(1_000);
    expect(targets.every(({ state, barred }) => state === 'closed' && barred)).to.equal(true);
  });

  it('opens when its name does not resolve', async () => {
    const gateway = await startGateway(
      configOf('http://nobody.invalid/v1', ['m', 'n'], { timeouts: { connect: '1s' } }),
    );
    await Promise.all([1, 2, 3, 4, 5].map(() => ask(gateway, 'm')));
    await refused(gateway, 'n');
    expect(await gateway.metric(targetGauge('m'))).to.equal(0);
    expect(await gateway.metric(providerGauge)).to.equal(1);
  });

  it('opens for all of a thousand models when each fails once', async () => {
    const mock = await startMock({ dialect: 'openai', port: 0 });
    try {
      mock.control.setFault({ kind: 'status', status: 500 });
      const gateway = await startGateway(configOf(`http://127.0.0.1:${mock.port}/v1`, models));
      for (const model of models.slice(0, 5)) expect(await ask(gateway, model)).to.equal(502);
      await refused(gateway, 'm900');
    } finally {
      await mock.close();
    }
  });
});

describe('a probe that hangs', () => {
  let provider: RunningMock;

  beforeEach(async () => {
    provider = await startMock({ dialect: 'openai', port: 0 });
  });
  afterEach(async () => {
    await endGateways();
    await provider.close();
  });

  it('blocks the others for some seconds only, not until it ends', async () => {
    const given = { circuit: { open_for: '300ms' }, timeouts: { total: '20s' } };
    const gateway = await startGateway(configOf(`http://127.0.0.1:${provider.port}/v1`, ['m'], given));
    provider.control.setFault({ kind: 'status', status: 500 });
    await refused(gateway, 'm');
    provider.control.setFault({ kind: 'hang', times: 1 });
    await eventually('the probe is due', async () => (await gateway.status()).targets[0]?.state === 'half-open');
    const probe = gateway.complete({ model: 'm' }).then(
      () => 'answered',
      () => 'cut off',
    );
    await eventually('the probe hangs', () => provider.control.stats().inFlight === 1);
    expect(await ask(gateway, 'm')).to.equal(503);
    await eventually('others are served', async () => (await ask(gateway, 'm')) === 200);
    expect(provider.control.stats().inFlight, 'it still hangs').to.equal(1);
    expect(await gateway.metric(targetGauge('m'))).to.equal(0);
    gateway.signalGroup('SIGKILL');
    expect(await probe).to.equal('cut off');
  });
});

let poisoned: http.Server | null = null;

/** A provider that fails whatever holds the word `poison`; its base URL. */
async function poisonable(): Promise<string> {
  const answer = { choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] };
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      response.writeHead(body.includes('poison') ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  poisoned = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function closePoisonable(): Promise<void> {
  const server = poisoned;
  poisoned = null;
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
}
