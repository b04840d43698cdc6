/**
 * The guarantee about counts, for a whole gateway under load: every answer that a client has received is counted, and
 * no counter goes down, whichever process is killed.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { seriesOfPage } from '../helpers/numbers.ts';
import { OneProvider } from '../helpers/one-provider.ts';

const succeeded = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';
const CLIENTS = 6;
const promtool = spawnSync('promtool', ['--version']).error === undefined;

const provider = new OneProvider();

/** What ends the clients and scrapers of a test, also of one that failed. */
const endings: (() => Promise<void>)[] = [];

/** Clients that send requests one after another until stopped; a request that a kill cuts off is not counted. */
function loadOn(gateway: RunningGateway) {
  const load = { sent: 0, received: 0, stopped: false };
  const client = async () => {
    while (!load.stopped) {
      load.sent += 1;
      try {
        const answer = await gateway.complete();
        await answer.json();
        if (answer.status === 200) load.received += 1;
      } catch {
        // The worker was killed during this request.
        await pause(5);
      }
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, client));
  const stop = async () => {
    load.stopped = true;
    await clients;
  };
  endings.push(stop);
  return { load, stop };
}

/** Scrapes continuously and records the name of each counter or histogram line that went down. */
function watchPage(gateway: RunningGateway) {
  const watch = { pages: 0, fallen: [] as string[], stopped: false };
  let before = new Map<string, number>();
  const watching = (async () => {
    while (!watch.stopped) {
      const page = await fetch(`${gateway.adminUrl}/metrics`).then(
        async (answer) => (answer.ok ? await answer.text() : null),
        () => null,
      );
      if (page !== null) {
        watch.pages += 1;
        const now = new Map([...seriesOfPage(page)].filter(([name]) => /_(total|bucket|sum|count)(\{|$)/.test(name)));
        for (const [name, value] of before) if ((now.get(name) ?? 0) < value) watch.fallen.push(name);
        before = now;
      }
      await pause(20);
    }
  })();
  const stop = async () => {
    watch.stopped = true;
    await watching;
  };
  endings.push(stop);
  return { watch, stop };
}

/** The count on the page; null while the page is refused. */
async function counted(gateway: RunningGateway): Promise<number | null> {
  const answer = await fetch(`${gateway.adminUrl}/metrics`);
  const page = await answer.text();
  return answer.ok ? (seriesOfPage(page).get(succeeded) ?? 0) : null;
}

describe('the counts of a gateway under load', () => {
  provider.use();
  afterEach(async () => {
    await Promise.all(endings.splice(0).map((end) => end()));
  });

  it('include every response that a client received while workers are killed, and never go down', async () => {
    const gateway = await startGateway(provider.config);
    const clients = loadOn(gateway);
    const { watch, stop } = watchPage(gateway);
    const killed = new Set<number>();
    while (killed.size < 5) {
      await eventually('some load', () => clients.load.received > (killed.size + 1) * 20);
      const victim = await eventually('a worker to kill', async () =>
        // The status may still show one that is dead.
        (await gateway.readyWorkers()).find((pid) => !killed.has(pid)),
      );
      process.kill(victim, 'SIGKILL');
      killed.add(victim);
    }
    await clients.stop();
    // Without waiting: a received response must already be counted.
    const total = await counted(gateway);
    await stop();
    expect(total).to.be.within(clients.load.received, clients.load.sent);
    expect(watch.fallen).to.deep.equal([]);
    expect(watch.pages).to.be.greaterThan(10);
  });

  it('continue after the death of the primary', async () => {
    const gateway = await startGateway(provider.config);
    const clients = loadOn(gateway);
    const { watch, stop } = watchPage(gateway);
    await eventually('some load', () => clients.load.received > 50);
    const [victim] = await gateway.readyWorkers();
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
    await eventually('its successor', async () => {
      const ready = await gateway.settled(2);
      return victim !== undefined && !ready.includes(victim);
    });
    gateway.signal('SIGKILL');
    await gateway.exited;
    const successor = await startGateway(provider.onPortsOf(gateway), { after: gateway });
    const atDeath = clients.load.received;
    await eventually('load through the successor', () => clients.load.received > atDeath + 50);
    await clients.stop();
    await eventually('every response counted', async () => ((await counted(successor)) ?? 0) >= clients.load.received);
    expect(await counted(successor)).to.be.at.most(clients.load.sent);
    await stop();
    expect(watch.fallen).to.deep.equal([]);
  });

  const withPromtool = promtool ? it : it.skip;
  withPromtool(`are on a page that promtool accepts${promtool ? '' : ' (promtool is not installed)'}`, async () => {
    const gateway = await startGateway(provider.config);
    await gateway.complete();
    const answer = await fetch(`${gateway.adminUrl}/metrics`);
    expect(answer.headers.get('content-type')).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const checked = spawnSync('promtool', ['check', 'metrics'], { input: await answer.text(), encoding: 'utf8' });
    expect(checked.stdout + checked.stderr).to.equal('');
    expect(checked.status).to.equal(0);
  });
});
