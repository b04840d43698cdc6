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
import { readKeptRow, readKeptState } from '../../src/primary/verdict/kept-form.ts';
import { certificates } from '../helpers/certificates.ts';
import { Workplace } from '../helpers/command.ts';
import { startTlsFront } from '../helpers/front.ts';
import { gatewayConfig } from '../helpers/gateway-config.ts';
import { OneProvider } from '../helpers/one-provider.ts';

/** Until the step of ten seconds is over, and then some: how soon is told in the tests of its parts, by their clock. */
const WITHIN_MS = 60_000;
/** A request is silent after half a minute, and its provider when there was no answer for a minute. */
const SILENCE_WITHIN_MS = 180_000;
const EVERY_MS = 100;

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

function onDisk<T>(gateway: RunningGateway, read: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path.join(gateway.stateFolder, 'spend.sqlite'), { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** Requests in the steps that are on the disk. */
function kept(gateway: RunningGateway): number {
  return onDisk(gateway, (database) => {
    const rows = database.prepare('SELECT step FROM history').all();
    return rows.reduce((sum, { step }) => sum + (readKeptRow(String(step))?.figures.gateway[0] ?? 0), 0);
  });
}

/** Whether a successor will go on with that alert: it is written when a step is over, not when it is told. */
function keepsAlert(gateway: RunningGateway, alert: string): boolean {
  return onDisk(gateway, (database) => {
    const { state } = database.prepare('SELECT state FROM history_state').get() ?? {};
    return readKeptState(String(state))?.ongoing.some(({ key }) => key.includes(alert)) === true;
  });
}

/** A watcher of the live view. */
interface Watcher {
  /** The frames with a status that every watcher gets: all but its first, which is its own. */
  shared(): string[];
  leave(): void;
}

async function watch(gateway: RunningGateway): Promise<Watcher> {
  const leaving = new AbortController();
  const answer = await fetch(`${gateway.adminUrl}/api/events`, { signal: leaving.signal });
  let text = '';
  const read = async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
  };
  // It breaks off when the watcher leaves.
  read().catch(() => undefined);
  const whole = () => text.split('\n\n').slice(0, -1);
  return {
    shared: () =>
      whole()
        .filter((frame) => frame.startsWith('event: status\n'))
        .slice(1),
    leave: () => leaving.abort(),
  };
}

describe('the verdict on a real gateway', function () {
  this.timeout(300_000);
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

  it('names the model, the provider and since when in an outage, and is well again after it', async () => {
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
        // Before its circuit has opened there is a page too.
        return now.level === 'page' && now.sentence.includes('no target left, 100 %') && now;
      },
      WITHIN_MS,
      EVERY_MS,
    );
    expect(told.sentence).to.match(
      /^fast: no target left, 100 % of requests fail since \d\d:\d\d[+-]\d\d:\d\d, provider azure-eu answers 500$/,
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
    const sentences = [told.sentence, (await verdict()).sentence];
    expect(sentences.map((sentence) => `page: ${sentence}`)).to.include(shown.stdout.split('\n')[0]);

    broken.control.clearFaults();
    await fetch(`${gateway.adminUrl}/api/circuits/azure-eu/reset`, { method: 'POST' });
    // The alert goes on until fewer than 5 % have failed in five minutes.
    await ask(gateway, 'fast', 500);
    await eventually('all is well', async () => (await verdict()).level === 'well', WITHIN_MS, EVERY_MS);
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
        WITHIN_MS,
        EVERY_MS,
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
      WITHIN_MS,
      EVERY_MS,
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

  it('calls no model well whose few requests all fail', async () => {
    const gateway = await startGateway(config());
    await ask(gateway, 'fast', 1);
    broken.control.setFault({ kind: 'status', status: 500 });
    await ask(gateway, 'fast', 1);
    await ask(gateway, 'fast', 1);
    const told = await eventually(
      'two in a row are told',
      async () => {
        const { verdict } = await gateway.status();
        return verdict.level !== 'well' && verdict;
      },
      WITHIN_MS,
      EVERY_MS,
    );
    expect(told.level).to.equal('warn');
    expect(told.sentence).to.match(
      /^fast: all of the last 2 requests failed since \d\d:\d\d[+-]\d\d:\d\d, provider azure-eu answers 500$/,
    );
    broken.control.clearFaults();
    await ask(gateway, 'fast', 1);
    const level = async () => (await gateway.status()).verdict.level;
    await eventually('all is well', async () => (await level()) === 'well', WITHIN_MS, EVERY_MS);
  });

  it('pages for a model whose requests wait without a word', async () => {
    const gateway = await startGateway(config());
    await ask(gateway, 'fast', 2);
    broken.control.setFault({ kind: 'hang' });
    // They end with the gateway.
    const waiting = Array.from({ length: 6 }, () => gateway.complete({ model: 'fast' }).catch(() => null));
    const told = await eventually(
      'the silence is told',
      async () =>
        (await gateway.status()).verdict.findings.find(
          ({ severity, sentence }) => severity === 'page' && sentence.includes('answers nothing'),
        ),
      SILENCE_WITHIN_MS,
      EVERY_MS,
    );
    expect(told).to.include({ alert: 'HeadgateErrors', model: 'fast', provider: 'azure-eu' });
    expect(told.sentence).to.match(
      /^fast: no answer since \d\d:\d\d[+-]\d\d:\d\d, provider azure-eu answers nothing: 6 requests wait, the first for \d+ s$/,
    );
    await endGateways();
    await Promise.all(waiting);
  });

  it('goes to all watchers once a second, with the same bytes', async () => {
    const gateway = await startGateway(config());
    const watchers = await Promise.all([watch(gateway), watch(gateway)]);
    // One of them may have come a second later, or more.
    const inStep = () => {
      const [one = [], other = []] = watchers.map((watcher) => watcher.shared());
      const [early, late] = one.includes(other[0] ?? '') ? [one, other] : [other, one];
      const both = early.slice(early.indexOf(late[0] ?? ''));
      const count = Math.min(both.length, late.length);
      return count >= 3 && [both.slice(0, count), late.slice(0, count)];
    };
    const [frames, others] = await eventually('three frames came to both', inStep);
    for (const watcher of watchers) watcher.leave();
    expect(frames).to.deep.equal(others);
    expect(new Set(frames)).to.have.property('size', frames?.length);
    const data = frames?.[0]?.split('\n')[1]?.replace('data: ', '') ?? '';
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
  this.timeout(300_000);
  const provider = new OneProvider();
  provider.use();

  it('survives a killed primary and `restart --all`', async () => {
    const first = await startGateway(provider.config);
    await ask(first, 'gpt-4', 30);
    provider.control.setFault({ kind: 'status', status: 500 });
    await ask(first, 'gpt-4', 20);
    await eventually('its step is over', async () => (await counted(first)) === 50, WITHIN_MS, EVERY_MS);
    await eventually('it is on the disk', () => kept(first) === 50, WITHIN_MS, EVERY_MS);
    await eventually('it is told', async () => (await first.status()).verdict.level === 'page', WITHIN_MS, EVERY_MS);
    await eventually('its successor will know', () => keepsAlert(first, 'HeadgateErrors'), WITHIN_MS, EVERY_MS);
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
    await eventually('both are there', async () => (await counted(second, '?model=gpt-4')) === 60, WITHIN_MS, EVERY_MS);
    await eventually('it is on the disk', () => kept(second) === 60, WITHIN_MS, EVERY_MS);

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
