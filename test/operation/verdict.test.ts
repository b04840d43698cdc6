/**
 * Verdict and history of real gateways: an outage is told within seconds, by its model and its provider, and is gone when it
 * has ended; what was seen survives the primary.
 */
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import type { HistoryAnswer } from '../../src/primary/history/history-answer.ts';
import { readKeptRow } from '../../src/primary/verdict/kept-form.ts';
import { certificates } from '../helpers/certificates.ts';
import { Workplace } from '../helpers/command.ts';
import { startTlsFront } from '../helpers/front.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';
import { OneProvider } from '../helpers/one-provider.ts';

async function ask(gateway: RunningGateway, model: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 20) {
    const together = Array.from({ length: Math.min(20, count - sent) }, () => gateway.complete({ model }));
    await Promise.all((await Promise.all(together)).map((answer) => answer.text()));
  }
}

async function historyOf(gateway: RunningGateway, query = ''): Promise<HistoryAnswer> {
  const answer = await fetch(`${gateway.adminUrl}/api/history${query}`);
  expect(answer.status).to.equal(200);
  return (await answer.json()) as HistoryAnswer;
}

async function counted(gateway: RunningGateway, query = ''): Promise<number> {
  const { series } = await historyOf(gateway, query);
  return series.requests.reduce<number>((sum, requests) => sum + (requests ?? 0), 0);
}

/** Requests in the steps that are on the disk. */
function kept(gateway: RunningGateway): number {
  const database = new DatabaseSync(path.join(gateway.stateFolder, 'spend.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT step FROM history').all();
    return rows.reduce((sum, { step }) => sum + (readKeptRow(String(step))?.figures.gateway[0] ?? 0), 0);
  } finally {
    database.close();
  }
}

/** The frames of an event stream until there are some with a status, and these. */
async function statusFrames(gateway: RunningGateway, count: number): Promise<string[]> {
  const leaving = new AbortController();
  const answer = await fetch(`${gateway.adminUrl}/api/events`, { signal: leaving.signal });
  let text = '';
  const frames = () => text.split('\n\n').filter((frame) => frame.startsWith('event: status\n'));
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    if (frames().length > count) break;
  }
  leaving.abort();
  return frames().slice(0, count);
}

describe('the verdict on a real gateway', function () {
  this.timeout(120_000);
  let broken: RunningMock;
  let fine: RunningMock;

  beforeEach(async () => {
    broken = await startMock({ dialect: 'openai', port: 0 });
    fine = await startMock({ dialect: 'openai', port: 0 });
  });
  afterEach(async () => {
    await endGateways();
    await Promise.all([broken.close(), fine.close()]);
  });

  const config = () => {
    const provider = ({ port }: RunningMock) => ({
      type: 'openai',
      base_url: `http://127.0.0.1:${port}/v1`,
      api_key: 'k',
    });
    return {
      ...gatewayConfig(broken.port),
      retry: { attempts: 1 },
      providers: { 'azure-eu': provider(broken), spare: provider(fine) },
      models: {
        fast: { targets: [{ provider: 'azure-eu', model: 'fast-eu' }] },
        slow: { targets: [{ provider: 'spare', model: 'slow-1' }] },
      },
    };
  };

  it('names the model, the provider and since when within 15 s of an outage, and is well again after it', async () => {
    const gateway = await startGateway(config());
    const verdict = async () => (await gateway.status()).verdict;
    await ask(gateway, 'fast', 20);
    await ask(gateway, 'slow', 20);
    expect(await verdict()).to.deep.equal({ level: 'well', sentence: 'Well.', since: null, findings: [] });

    broken.control.setFault({ kind: 'status', status: 500 });
    const brokenAt = Date.now();
    await ask(gateway, 'fast', 20);
    await ask(gateway, 'slow', 20);
    const told = await eventually(
      'the outage is told',
      async () => {
        const now = await verdict();
        return now.level === 'page' && now;
      },
      15_000,
      100,
    );
    expect(told.sentence).to.match(
      /^fast: no target left, 50 % of requests fail since \d\d:\d\d[+-]\d\d:\d\d, provider azure-eu answers 500$/,
    );
    expect(told.findings[0]).to.deep.include({ alert: 'HeadgateErrors', model: 'fast', provider: 'azure-eu' });
    // To the step of ten seconds.
    expect(Date.parse(told.since ?? '')).to.be.within(brokenAt - 10_000, Date.now());
    expect(told.findings.every(({ model }) => model !== 'slow')).to.equal(true);
    const { targets } = (await gateway.status()).traffic;
    expect(targets.map(({ model, provider, upstreamModel }) => [model, provider, upstreamModel])).to.deep.equal([
      ['fast', 'azure-eu', 'fast-eu'],
      ['slow', 'spare', 'slow-1'],
    ]);
    const workplace = new Workplace();
    const shown = await workplace.run([
      'status',
      '--config',
      gateway.configFile,
      '--admin-port',
      String(gateway.adminPort),
    ]);
    await workplace.leave();
    expect(shown.stdout.split('\n')[0]).to.equal(`page: ${told.sentence}`);

    broken.control.clearFaults();
    await fetch(`${gateway.adminUrl}/api/circuits/azure-eu/reset`, { method: 'POST' });
    // The alert goes on until fewer than 5 % have failed in five minutes.
    await ask(gateway, 'fast', 500);
    await eventually('all is well', async () => (await verdict()).level === 'well', 15_000, 100);
  });

  it('says whose fault it is: a key, a certificate, or that the gateway has no room', async () => {
    const front = await startTlsFront(broken.port, certificates().expired);
    const { providers, models, ...rest } = config();
    const base_url = `https://localhost:${front.port}/v1`;
    const dated = { type: 'openai', base_url, api_key: 'k', tls: { ca: certificates().ca.cert } };
    const gateway = await startGateway({
      ...rest,
      ...{ server: { max_in_flight: 4 }, workers: 1 },
      providers: { ...providers, dated },
      models: {
        ...models,
        old: { targets: [{ provider: 'dated', model: 'old-1' }] },
        both: {
          targets: [
            { provider: 'dated', model: 'old-2' },
            { provider: 'spare', model: 'slow-1' },
          ],
        },
      },
    });
    const findings = async () => (await gateway.status()).verdict.findings;
    const told = (sentence: RegExp) =>
      eventually(
        `it is told: ${sentence}`,
        async () => (await findings()).find((each) => each.alert === 'HeadgateErrors' && sentence.test(each.sentence)),
        15_000,
        100,
      );
    const askInTurn = async (model: string) => {
      for (let sent = 0; sent < 6; sent += 1) await (await gateway.complete({ model })).text();
    };
    broken.control.setFault({ kind: 'status', status: 401 });
    await askInTurn('fast');
    const refused = await told(/^fast: .*, provider azure-eu refuses the gateway's key \(401\)$/);
    expect(refused.cure).to.contain('Put a valid key of azure-eu into the configuration');
    expect((await findings()).map(({ alert }) => alert)).to.deep.equal(['HeadgateErrors']);

    // Another target answers, so that no request fails.
    await askInTurn('both');
    const alone = await eventually(
      'the circuit is told',
      async () => (await findings()).find(({ alert }) => alert === 'HeadgateCircuitOpen'),
      15_000,
      100,
    );
    expect(alone.sentence).to.match(/^dated cannot be reached because its certificate has expired: its circuit /);
    await fetch(`${gateway.adminUrl}/api/circuits/dated/reset`, { method: 'POST' });

    await askInTurn('old');
    const expired = await told(/^old: .* because its certificate has expired \(CERT_HAS_EXPIRED\)$/);
    expect(expired.cure).to.contain("Have dated's owner renew the certificate");
    const circuit = (await findings()).find(({ alert }) => alert === 'HeadgateCircuitOpen');
    expect(circuit?.cure).to.equal(expired.cure);

    fine.control.setFault({ kind: 'slow-headers', ms: 300 });
    await ask(gateway, 'slow', 40);
    const full = await told(
      /^without a model, \d\d % of all requests fail since .*, the gateway .* has no room for them$/,
    );
    expect([full.provider, full.cure.includes('server.max_in_flight')]).to.deep.equal([null, true]);
    await front.close();
  });

  it('tells within a minute that a provider lets requests wait without a word', async () => {
    const gateway = await startGateway(config());
    await ask(gateway, 'fast', 2);
    broken.control.setFault({ kind: 'hang' });
    // They end with the gateway.
    const waiting = [1, 2].map(() => gateway.complete({ model: 'fast' }).catch(() => null));
    const told = await eventually(
      'the silence is told',
      async () => {
        const now = (await gateway.status()).verdict;
        return now.level === 'warn' && now;
      },
      75_000,
      500,
    );
    expect(told.sentence).to.match(
      /^azure-eu answers nothing since \d\d:\d\d[+-]\d\d:\d\d: 2 requests wait, the first for \d\d s$/,
    );
    await endGateways();
    await Promise.all(waiting);
  });

  it('goes to all watchers once a second, with the same bytes', async () => {
    const gateway = await startGateway(config());
    const frames = await Promise.all([statusFrames(gateway, 3), statusFrames(gateway, 3)]);
    const [one, other] = frames.map((each) => new Set(each));
    expect([...(one ?? [])].filter((frame) => other?.has(frame))).to.have.length.of.at.least(2);
    const data = frames[0]?.[0]?.split('\n')[1]?.replace('data: ', '') ?? '';
    const { type, status } = JSON.parse(data) as { type: string; status: { listeners: object; verdict: object } };
    expect(type).to.equal('status');
    expect(status.listeners).to.deep.equal({
      gateway: { host: '127.0.0.1', port: gateway.port },
      admin: { host: '127.0.0.1', port: gateway.adminPort },
    });
    expect(status.verdict).to.deep.include({ level: 'well' });
  });
});

describe('the history of a real gateway', function () {
  this.timeout(90_000);
  const provider = new OneProvider();
  provider.use();

  it('survives a killed primary and `restart --all`', async () => {
    const first = await startGateway(provider.config);
    await ask(first, 'gpt-4', 30);
    provider.control.setFault({ kind: 'status', status: 500 });
    await ask(first, 'gpt-4', 20);
    await eventually('its step is over', async () => (await counted(first)) === 50, 15_000, 100);
    await eventually('it is on the disk', () => kept(first) === 50, 15_000, 100);
    await eventually('it is told', async () => (await first.status()).verdict.level === 'page', 15_000, 100);
    const before = await historyOf(first);
    const { since } = (await first.status()).verdict;
    first.signal('SIGKILL');
    await first.exited;

    const second = await startGateway(provider.onPortsOf(first), { after: first });
    await eventually('it is read', async () => (await counted(second)) === 50);
    const { verdict } = await eventually('it is judged', async () => {
      const status = await second.status();
      return status.verdict.level === 'page' && status;
    });
    expect([verdict.since, verdict.findings[0]?.provider]).to.deep.equal([since, 'openai']);
    provider.control.clearFaults();
    // Until then the first one's workers answer too, whose events no primary gets.
    await second.settled(2);
    await ask(second, 'gpt-4', 10);
    await eventually('both are there', async () => (await counted(second, '?model=gpt-4')) === 60, 15_000, 100);
    await eventually('it is on the disk', () => kept(second) === 60, 15_000, 100);

    const workplace = new Workplace();
    const order = ['restart', '--all', '--config', second.configFile, '--admin-port', String(second.adminPort)];
    const restarted = workplace.run(order);
    await second.exited;
    const third = await startGateway(provider.onPortsOf(second), { after: second });
    expect((await restarted).code).to.equal(0);
    await workplace.leave();
    await eventually('it is read again', async () => (await counted(third, '?provider=openai')) === 60);
    const { series } = await historyOf(third);
    expect(series.p50Ms).to.include(before.series.p50Ms.find((ms) => ms !== null));
    expect((await third.stop()).code).to.equal(0);
  });
});
