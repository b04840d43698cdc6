/**
 * All providers fail under load: the number of attempts stays bounded, memory stays flat, refusals are fast and
 * correct. When the providers work again, one probe each closes their circuits. Then the same without circuits, where
 * only the retry budget limits the attempts.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Tally } from '../../load/protocol.ts';
import { eventually } from '../../processes/eventually.ts';
import { residentMb } from '../../processes/resident-memory.ts';
import type { FakeProvider } from '../../rig/fake-provider.ts';
import type { RunningGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { type ChaosCase, type ChaosRun, guarantees } from '../chaos-case.ts';
import { openMoment } from '../half-opens.ts';
import { countedOn, judgeCounted } from '../judgements.ts';

const WORKERS = 4;
const PER_SECOND = 200;
/** The retry budget: a share of the requests, and so many per second. */
const SHARE = 0.2;
const STEADY = 10;
const MOST_GROWTH = 0.1;
/** Refusals need no provider, so only a busy machine can make them slow. */
const FAST_MS = 100;
/** The first requests of the outage are retried with back-off, which takes seconds, until the circuits are open. */
const OPENING_S = 4;
const PROBE_MS = 400;

const down = { kind: 'status', status: 503 } as const;

export const outage: ChaosCase = {
  name: 'outage',
  about: `all providers down for 60 s at ${PER_SECOND} requests/s, then working again; and without circuits`,
  async run(run) {
    await Rig.with((rig) => withCircuits(run, rig));
    await Rig.with((rig) => withoutCircuits(run, rig));
  },
};

async function withCircuits(run: ChaosRun, rig: Rig): Promise<void> {
  const openai = await rig.provider('openai');
  const anthropic = await rig.provider('anthropic');
  const behind = { provider: 'anthropic', model: 'claude-sonnet-4-5', max_tokens: 64 };
  const gateway = await rig.gateway(
    oneProviderConfig(openai.port, WORKERS, {
      circuit: { open_for: '2s', max_open_for: '4s' },
      providers: {
        openai: { type: 'openai', base_url: `http://127.0.0.1:${openai.port}/v1`, api_key: 'sk-chaos' },
        anthropic: { type: 'anthropic', base_url: `http://127.0.0.1:${anthropic.port}`, api_key: 'sk-ant-chaos' },
      },
      models: {
        'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }, behind] },
        claude: { targets: [behind] },
      },
    }),
  );
  const { url } = gateway;
  const loads = [
    await rig.load({ url, perSecond: PER_SECOND * 0.75 }),
    // Without it the second provider would get no probe once the first one works again.
    await rig.load({ url, perSecond: PER_SECOND * 0.25, model: 'claude' }),
  ];
  const tallies = () => Promise.all(loads.map((load) => load.tally()));
  const latencies = () => Promise.all(loads.map((load) => load.latencies()));
  const warmS = run.short ? 10 : 30;
  await pause((warmS - 5) * 1000);
  const memoryBefore = await memoryOver(gateway, 5);

  await Promise.all([openai.fault(down), anthropic.fault(down)]);
  const attemptsBefore = await attemptsAt([openai, anthropic]);
  const before = await tallies();
  const outageS = run.short ? 15 : 60;
  await pause(OPENING_S * 1000);
  await latencies();
  await pause((outageS - OPENING_S - 5) * 1000);
  const memoryAfter = await memoryOver(gateway, 5);
  const attempts = (await attemptsAt([openai, anthropic])) - attemptsBefore;
  const after = await tallies();
  judgeAttempts(run, 'circuits', attempts, total(after, 'sent') - total(before, 'sent'), outageS);

  const growth = memoryAfter / memoryBefore - 1;
  run.find(
    guarantees.noStorm,
    `resident memory of all ${WORKERS + 1} processes ${memoryBefore.toFixed(0)} → ${memoryAfter.toFixed(0)} MB (${(growth * 100).toFixed(1)} %)`,
    growth < MOST_GROWTH,
  );
  const slots = (await latencies()).flatMap(({ bySlot }) => Object.values(bySlot));
  const p99 = Math.max(...slots.map((slot) => slot.p99));
  const refused = after.reduce((sum, { byStatus }) => sum + (byStatus['503'] ?? 0), 0);
  const silent = total(after, 'withoutRetryAfter');
  const failed = total(after, 'failed');
  run.find(
    guarantees.noStorm,
    `${refused} answers of 503, ${silent} without Retry-After; p99 ${p99.toFixed(0)} ms once the circuits are open; failed ${failed}`,
    refused > 0 && silent === 0 && p99 < FAST_MS && failed === 0,
  );
  await judgeRecovery(run, gateway, { openai, anthropic });
  const ended = await Promise.all(loads.map((load) => load.stop()));
  judgeCounted(run, ended, countedOn(await gateway.metrics()));
}

/** Each provider gets exactly one request while its probe is in flight, and that closes its circuit. */
async function judgeRecovery(
  run: ChaosRun,
  gateway: RunningGateway,
  providers: Readonly<Record<string, FakeProvider>>,
): Promise<void> {
  const probes = await Promise.all(
    Object.entries(providers).map(async ([name, provider]) => {
      // Long enough for every worker to request a probe in vain meanwhile.
      await provider.shape({ latencyMs: PROBE_MS });
      const { requests } = await openMoment(gateway, provider, name);
      await provider.clearFaults();
      await eventually('a probe is out', async () => (await provider.stats()).inFlight > 0, 15_000);
      await pause(PROBE_MS / 2);
      const sent = (await provider.stats()).requests - requests;
      await eventually('the circuit is closed', async () => {
        const { circuits } = await gateway.status();
        return circuits.some((circuit) => circuit.provider === name && circuit.state === 'closed');
      });
      return `${name} ${sent}`;
    }),
  );
  run.find(
    guarantees.oneCircuit,
    `recovery: requests sent before the probe's answer: ${probes.join(', ')}; both circuits closed by it`,
    probes.every((probe) => probe.endsWith(' 1')),
  );
}

/** One provider whose circuit never opens: each request is sent, and the budget limits the retries. */
async function withoutCircuits(run: ChaosRun, rig: Rig): Promise<void> {
  const provider = await rig.provider();
  await provider.fault(down);
  const gateway = await rig.gateway(
    oneProviderConfig(provider.port, WORKERS, {
      circuit: { outcomes: 10_000, min_failures: 10_000 },
      retry: { base_delay: '20ms', max_delay: '100ms' },
    }),
  );
  const startedAt = performance.now();
  const load = await rig.load({ url: gateway.url, perSecond: PER_SECOND });
  await pause(run.short ? 10_000 : 30_000);
  const { sent } = await load.stop();
  // The last retries come after the last request. A fresh budget holds what one second brings.
  const seconds = Math.ceil((performance.now() - startedAt) / 1000) + 1;
  judgeAttempts(run, 'no circuits', (await provider.stats()).requests, sent, seconds);
}

function judgeAttempts(run: ChaosRun, how: string, attempts: number, requests: number, seconds: number): void {
  const most = (1 + SHARE) * requests + STEADY * seconds;
  run.find(
    guarantees.noStorm,
    `${how}: ${attempts} attempts for ${requests} requests in ${seconds} s, at most ${most.toFixed(0)} allowed`,
    attempts > 0 && attempts <= most,
  );
}

function total(tallies: readonly Tally[], field: 'sent' | 'failed' | 'withoutRetryAfter'): number {
  return tallies.reduce((sum, tally) => sum + tally[field], 0);
}

async function attemptsAt(providers: readonly FakeProvider[]): Promise<number> {
  const stats = await Promise.all(providers.map((provider) => provider.stats()));
  return stats.reduce((sum, { requests }) => sum + requests, 0);
}

/** Mean resident memory of the primary and its workers over so many seconds, in MB. */
async function memoryOver(gateway: RunningGateway, seconds: number): Promise<number> {
  let sum = 0;
  for (let second = 0; second < seconds; second += 1) {
    const { workers } = await gateway.status();
    for (const pid of [gateway.pid, ...workers.map((worker) => worker.pid)]) sum += residentMb(pid);
    await pause(1000);
  }
  return sum / seconds;
}
