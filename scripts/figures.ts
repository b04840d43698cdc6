/**
 * Figures of this machine, among them those of the README: the merge of a large scrape, boot, memory, evenness over the
 * workers, counts under kills, and how fast an opened circuit is known everywhere. Loopback only; takes about half a minute.
 *
 *   npm run figures
 */
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type RunningMock, startMock } from '../src/mock/server.ts';
import { yielding } from '../src/primary/ledger/yield.ts';
import { mergeToText } from '../src/primary/scrape/merge.ts';
import { systemClock } from '../src/shared/clock.ts';
import { createMetrics } from '../src/shared/metrics/metrics.ts';
import { Registry, readRegistry } from '../src/shared/metrics/prom.ts';
import { record } from '../src/shared/metrics/record.ts';
import { type GatewayUnderTest, median, percentile, residentMb, startBuilt } from './bench/gateway-under-test.ts';

const { values: flags } = parseArgs({ options: { requests: { type: 'string', default: '10000' } } });
const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] });

function config(mock: RunningMock, workers: number, circuit: Record<string, unknown> = {}) {
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers,
    retry: { attempts: 1 },
    circuit,
    providers: { openai: { type: 'openai', base_url: `http://127.0.0.1:${mock.port}/v1`, api_key: 'sk-figures' } },
    models: { 'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] } },
  };
}

interface Reply {
  readonly status: number;
  readonly worker: number;
}

function ask(gateway: GatewayUnderTest, agent: http.Agent | false): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const request = http.request(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers, agent }, (answer) => {
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, worker: Number(answer.headers['x-headgate-worker']) }),
      );
      answer.resume();
    });
    request.on('error', reject);
    request.end(body);
  });
}

function show(name: string, figure: string): void {
  console.log(`${name.padEnd(58)} ${figure}`);
}

async function boot(mock: RunningMock): Promise<void> {
  const boots: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const gateway = await startBuilt(config(mock, 2));
    boots.push(gateway.bootMs);
    if (round === 4) {
      const { workers } = await gateway.status();
      const mb = workers.map(({ pid }) => residentMb(pid).toFixed(0)).join(' and ');
      show('resident memory at rest, primary', `${residentMb(gateway.pid).toFixed(0)} MB`);
      show('resident memory at rest, two workers', `${mb} MB`);
    }
    await gateway.stop();
  }
  show('boot to ready, 2 workers, median of 5', `${median(boots).toFixed(0)} ms`);
}

async function evenness(mock: RunningMock): Promise<void> {
  const gateway = await startBuilt(config(mock, 4));
  const perWorker = [0, 0, 0, 0];
  for (let round = 0; round < 40; round += 1) {
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask(gateway, false)));
    for (const { worker } of replies) perWorker[worker] = (perWorker[worker] ?? 0) + 1;
  }
  await gateway.stop();
  show('400 new connections over 4 workers', perWorker.join(' '));
}

async function killed(mock: RunningMock, requests: number): Promise<void> {
  const gateway = await startBuilt(config(mock, 4));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const seen = { answered: 0, failed: 0 };
  let sent = 0;
  const kill = async (slot: number, signal: NodeJS.Signals) => {
    const { workers } = await gateway.status();
    const victim = workers.find((worker) => worker.slot === slot && worker.state === 'ready');
    if (victim !== undefined) process.kill(victim.pid, signal);
  };
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (sent < requests) {
        sent += 1;
        if (sent === Math.floor(requests / 3)) await kill(1, 'SIGTERM');
        if (sent === Math.floor((requests * 2) / 3)) await kill(2, 'SIGKILL');
        await ask(gateway, agent).then(
          () => (seen.answered += 1),
          () => (seen.failed += 1),
        );
      }
    }),
  );
  agent.destroy();
  const counted = sum(await gateway.metrics(), /^llm_requests_total\{.*\} (\d+)$/gm);
  await gateway.stop();
  show(
    `${requests} requests, 4 workers, one SIGTERM, one SIGKILL`,
    `answered ${seen.answered}, cut ${seen.failed}, counted ${counted}`,
  );
}

async function propagation(mock: RunningMock): Promise<void> {
  const gateway = await startBuilt(config(mock, 4, { min_failures: 5, failure_share: 0.5, open_for: '60s' }));
  const agents = await pinnedAgents(gateway, 4);
  const delays: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
    await Promise.all(agents.map((agent) => untilStatus(gateway, agent, 200)));
    // Successes of the round stay in the window only until the reset that begins the next one.
    mock.control.setFault({ kind: 'status', status: 500 });
    let failedAt = 0;
    for (let failure = 0; failure < 30; failure += 1) {
      const agent = agents[failure % agents.length];
      if (agent === undefined) break;
      const startedAt = performance.now();
      const { status } = await ask(gateway, agent);
      if (status !== 502) break;
      failedAt = startedAt;
    }
    const known = await Promise.all(agents.map((agent) => untilStatus(gateway, agent, 503)));
    delays.push(Math.max(...known) - failedAt);
    mock.control.clearFaults();
  }
  for (const agent of agents) agent.destroy();
  await gateway.stop();
  show(
    'tripping request sent to last of 4 workers known, 50 times',
    `median ${median(delays).toFixed(1)} ms, p95 ${percentile(delays, 0.95).toFixed(1)} ms`,
  );
}

/** One keep-alive connection to each worker. */
async function pinnedAgents(gateway: GatewayUnderTest, workers: number): Promise<http.Agent[]> {
  const agents = new Map<number, http.Agent>();
  while (agents.size < workers) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const { worker } = await ask(gateway, agent);
    if (agents.has(worker)) agent.destroy();
    else agents.set(worker, agent);
  }
  return [...agents.values()];
}

/** When the worker behind `agent` first answered with `status`, on this process' clock. */
async function untilStatus(gateway: GatewayUnderTest, agent: http.Agent, status: number): Promise<number> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if ((await ask(gateway, agent)).status === status) return performance.now();
  }
  throw new Error(`no ${status} from a worker within 2,000 requests`);
}

/** The merge of one scrape: 16 workers with 5,000 series each, most of them in one histogram. */
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
    `median ${median(merges).toFixed(0)} ms, the loop held for at most ${(delay.max / 1e6).toFixed(0)} ms`,
  );
}

function sum(page: string, pattern: RegExp): number {
  return [...page.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

const mock = await startMock({ dialect: 'openai', port: 0 });
try {
  await largeScrape();
  await boot(mock);
  await evenness(mock);
  await killed(mock, Number(flags.requests));
  await propagation(mock);
} finally {
  await mock.close();
}
