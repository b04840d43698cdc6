/**
 * Figures of this machine, among them those of the README: the merge of a large scrape, boot, memory, how evenly
 * workers share connections, counts under kills, and how fast an opened circuit is known everywhere. All on loopback;
 * takes about half a minute.
 *
 *   npm run figures -- [--requests 10000]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { yielding } from '../src/primary/ledger/yield.ts';
import { mergeToText } from '../src/primary/scrape/merge.ts';
import { systemClock } from '../src/shared/clock.ts';
import { createMetrics } from '../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../src/shared/metrics/prom.ts';
import { record } from '../src/shared/metrics/record.ts';
import { percentile } from './load/percentile.ts';
import { eventually } from './processes/eventually.ts';
import { residentMb } from './processes/resident-memory.ts';
import type { FakeProvider } from './rig/fake-provider.ts';
import { oneProviderConfig } from './rig/gateway-config.ts';
import { Rig } from './rig/rig.ts';
import { withClientPerWorker } from './rig/worker-clients.ts';

const { values: flags } = parseArgs({ options: { requests: { type: 'string', default: '10000' } } });
const noRetries = { retry: { attempts: 1 } };

function show(name: string, figure: string): void {
  console.log(`${name.padEnd(58)} ${figure}`);
}

async function boot(rig: Rig, { port }: FakeProvider): Promise<void> {
  const boots: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const gateway = await rig.gateway(oneProviderConfig(port, 2, noRetries));
    boots.push(gateway.bootMs);
    if (round === 4) {
      const mb = (await gateway.readyWorkers()).map((pid) => residentMb(pid).toFixed(0)).join(' and ');
      show('resident memory at rest, primary', `${residentMb(gateway.pid).toFixed(0)} MB`);
      show('resident memory at rest, two workers', `${mb} MB`);
    }
    await gateway.end();
  }
  show('boot to ready, 2 workers, median of 5', `${percentile(boots, 0.5).toFixed(0)} ms`);
}

async function evenness(rig: Rig, { port }: FakeProvider): Promise<void> {
  const gateway = await rig.gateway(oneProviderConfig(port, 4, noRetries));
  const requests = 400;
  const load = await rig.load({ url: gateway.url, clients: 10, freshShare: 1, requests });
  await eventually('all are answered', async () => (await load.tally()).acknowledged === requests);
  const { bySlot } = await load.latencies();
  await load.end();
  await gateway.end();
  const counts = Array.from({ length: 4 }, (_, slot) => bySlot[slot]?.count ?? 0);
  show(`${requests} new connections over 4 workers`, counts.join(' '));
}

async function killed(rig: Rig, { port }: FakeProvider, requests: number): Promise<void> {
  const gateway = await rig.gateway(oneProviderConfig(port, 4, noRetries));
  const load = await rig.load({ url: gateway.url, clients: 32, requests });
  for (const [share, slot, signal] of [[1 / 3, 1, 'SIGTERM'] as const, [2 / 3, 2, 'SIGKILL'] as const]) {
    await eventually('so many are sent', async () => (await load.tally()).sent >= requests * share, 60_000);
    const { workers } = await gateway.status();
    const victim = workers.find((worker) => worker.slot === slot && worker.state === 'ready');
    if (victim !== undefined) await load.kill(victim, signal);
  }
  await eventually('all are sent', async () => (await load.tally()).sent === requests, 60_000);
  const { acknowledged, failed } = await load.stop();
  await load.end();
  const counted = sum(await gateway.metrics(), /^llm_requests_total\{.*\} (\d+)$/gm);
  await gateway.end();
  show(
    `${requests} requests, 4 workers, one SIGTERM, one SIGKILL`,
    `answered ${acknowledged}, cut ${failed}, counted ${counted}`,
  );
}

async function propagation(rig: Rig, provider: FakeProvider): Promise<void> {
  const circuit = { min_failures: 5, failure_share: 0.5, open_for: '60s' };
  const gateway = await rig.gateway(oneProviderConfig(provider.port, 4, { ...noRetries, circuit }));
  const delays: number[] = [];
  await withClientPerWorker(gateway, 4, async (clients) => {
    const all = (status: number) => Promise.all(clients.map((client) => client.untilStatus(status)));
    for (let round = 0; round < 50; round += 1) {
      // Successes of the round stay in the window only until the reset that begins the next one.
      await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
      await all(200);
      await provider.fault({ kind: 'status', status: 500 });
      let failedAt = 0;
      for (let failure = 0; failure < 30; failure += 1) {
        const startedAt = performance.now();
        const answer = await clients[failure % clients.length]?.ask();
        if (answer?.status !== 502) break;
        failedAt = startedAt;
      }
      delays.push(Math.max(...(await all(503))) - failedAt);
      await provider.clearFaults();
    }
  });
  await gateway.end();
  show(
    'tripping request sent to last of 4 workers known, 50 times',
    `median ${percentile(delays, 0.5).toFixed(1)} ms, p95 ${percentile(delays, 0.95).toFixed(1)} ms`,
  );
}

/** The merge of one scrape: 16 workers with 5,000 series each, most of them of one histogram. */
async function largeScrape(): Promise<void> {
  const registry = new Registry();
  const metrics = createMetrics(registry);
  for (let series = 0; series < 195; series += 1) {
    const labels = { provider: `provider-${series % 13}`, model: `model-${series}` };
    record(metrics, { type: 'first-content', ...labels, seconds: 0.25 });
  }
  const one = await readRegistry(registry);
  const inputs = Array.from({ length: 16 }, () => one);
  const merges: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  for (let round = 0; round < 12; round += 1) {
    // The first rounds run code that is not compiled yet.
    if (round === 2) delay.enable();
    const startedAt = performance.now();
    await mergeToText(inputs, yielding(systemClock));
    if (round >= 2) merges.push(performance.now() - startedAt);
  }
  delay.disable();
  const samples = one.reduce((total, { values }) => total + values.length, 0);
  show(
    `scrape of 16 workers × ${samples} series, 10 times`,
    `median ${percentile(merges, 0.5).toFixed(0)} ms, the loop blocked for at most ${(delay.max / 1e6).toFixed(0)} ms`,
  );
}

function sum(page: string, pattern: RegExp): number {
  return [...page.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

await largeScrape();
await Rig.with(async (rig) => {
  const provider = await rig.provider();
  await boot(rig, provider);
  await evenness(rig, provider);
  await killed(rig, provider, Number(flags.requests));
  await propagation(rig, provider);
});
