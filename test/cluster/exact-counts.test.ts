/**
 * Over a thousand requests to four workers, some of which are killed meanwhile: the counts on the page match the
 * answers that clients received, at every scrape.
 */
import { expect } from 'chai';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { fetch } from 'undici';
import { eventually } from '../../scripts/processes/eventually.ts';
import { endGateways, type RunningGateway, startGateway } from '../../scripts/rig/gateway.ts';
import { seriesOfPage } from '../helpers/numbers.ts';
import { type ProviderPair, pairConfig, startProviderPair } from '../helpers/provider-pair.ts';
import { endTraffic, startTraffic, type Traffic } from '../helpers/traffic.ts';

const WORKERS = 4;
const CLIENTS = 8;
/** Requests before, between and after the two signals to workers. */
const SHARE = 350;
const succeeded = 'llm_requests_total{provider="openai",status="success",model="gpt-4"}';

let providers: ProviderPair;
let gateway: RunningGateway;

describe('the counts of four workers', () => {
  beforeEach(async () => {
    providers = await startProviderPair();
    gateway = await startGateway(pairConfig(providers));
  });

  afterEach(async () => {
    await endTraffic();
    await endGateways();
    await providers.close();
  });

  it('match the answers that clients received, even if one worker is stopped and one is killed', async () => {
    const scrapes = startScraping();
    const traffic = startTraffic(gateway, CLIENTS);
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await more(traffic, SHARE);
      const [victim = 0] = await gateway.settled(WORKERS);
      const { broken } = traffic.tally;
      process.kill(victim, signal);
      await eventually('it is replaced', async () => !(await gateway.settled(WORKERS)).includes(victim));
      // A worker that gets SIGTERM finishes its requests.
      if (signal === 'SIGTERM') expect(traffic.tally.broken).to.equal(broken);
    }
    await more(traffic, SHARE);
    const { acknowledged, refused, broken } = await traffic.stop();
    const counted = await gateway.metric(succeeded);
    const { fallen, pages, failure } = await scrapes.stop();
    expect(acknowledged).to.be.at.least(3 * SHARE);
    expect(refused).to.equal(0);
    // The only further counts are requests that the killed worker had finished when its connections broke.
    expect(counted).to.be.within(acknowledged, acknowledged + broken);
    // The kill breaks a client's request once. If the successor takes over a second to boot, the slot's socket is closed,
    // which breaks a connection that waits there once more.
    expect(broken).to.be.at.most(2 * CLIENTS);
    expect(failure).to.equal(null);
    expect(fallen).to.deep.equal([]);
    expect(pages).to.be.at.least(10);
  });

  it('are complete while a worker is suspended, without its answer', async () => {
    await Promise.all(Array.from({ length: 40 }, () => complete()));
    const [stopped = 0] = await gateway.settled(WORKERS);
    process.kill(stopped, 'SIGSTOP');
    for (let round = 0; round < 5; round += 1) {
      const answer = await fetch(`${gateway.adminUrl}/metrics`);
      const page = await answer.text();
      expect(answer.status).to.equal(200);
      expect(seriesOfPage(page).get(succeeded)).to.equal(40);
      expect(seriesOfPage(page).get('llm_scrape_late_workers')).to.be.at.least(1);
    }
    process.kill(stopped, 'SIGCONT');
    await eventually('it is no longer late', async () => (await gateway.metric('llm_scrape_late_workers')) === 0);
    expect(await gateway.metric(succeeded)).to.equal(40);
  });
});

async function complete(): Promise<void> {
  const answer = await gateway.complete();
  await answer.text();
  expect(answer.status).to.equal(200);
}

/** Waits for `count` further answers. */
async function more(traffic: Traffic, count: number): Promise<void> {
  const { acknowledged } = traffic.tally;
  await eventually(`${count} more answers`, () => traffic.tally.acknowledged >= acknowledged + count);
}

/** Scrapes pages until one fails, and records each counter that went down. */
function startScraping() {
  const seen = { pages: 0, fallen: [] as string[], failure: null as unknown };
  let going = true;
  const scraping = (async () => {
    let before = new Map<string, number>();
    while (going) {
      const now = countersOf(await gateway.metrics());
      for (const [name, value] of before) {
        const later = now.get(name);
        if (later === undefined || later < value) seen.fallen.push(`${name}: ${value}, then ${later}`);
      }
      seen.pages += 1;
      before = now;
      // Prometheus waits at least a second; this pause leaves some CPU time for the gateway.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })().catch((error: unknown) => {
    seen.failure = error;
  });
  return {
    stop: async () => {
      going = false;
      await scraping;
      return seen;
    },
  };
}

function countersOf(page: string): Map<string, number> {
  return new Map([...seriesOfPage(page)].filter(([name]) => /_(total|bucket|sum|count)(\{|$)/.test(name)));
}
