/**
 * How fast all workers know of an opened circuit, at 1,000 requests/s. Inside: from the arrival of the provider's
 * failing answer at a worker to the arrival of the view at the last worker. Outside, which is longer: from the time at
 * which a client sends the failing request to the time at which a client of the last worker has read a refusal.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../../load/percentile.ts';
import type { FakeProvider } from '../../rig/fake-provider.ts';
import type { RunningGateway } from '../../rig/gateway.ts';
import { oneProviderConfig } from '../../rig/gateway-config.ts';
import { Rig } from '../../rig/rig.ts';
import { type WorkerClient, withClientPerWorker } from '../../rig/worker-clients.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';

const WORKERS = 4;
const PER_SECOND = 1_000;
const PROBE_PAUSE_MS = 1;

export const propagation: ChaosCase = {
  name: 'propagation',
  about: `a failure to all 4 workers knowing, at ${PER_SECOND} requests/s`,
  run: (run) =>
    Rig.with(async (rig) => {
      const provider = await rig.provider();
      const gateway = await rig.gateway(
        oneProviderConfig(provider.port, WORKERS, {
          retry: { attempts: 1 },
          // A single failure opens it, so that there is one moment to measure from.
          circuit: { outcomes: 50, min_failures: 1, failure_share: 0.01, open_for: '60s' },
          models: {
            'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] },
            fails: { targets: [{ provider: 'openai', model: 'fails' }] },
          },
        }),
        { nodeOptions: ['--import', new URL('../note-openings.ts', import.meta.url).href] },
      );
      const load = await rig.load({ url: gateway.url, perSecond: PER_SECOND });
      await pause(2_000);
      const outside = await withClientPerWorker(gateway, WORKERS, (clients) =>
        outsideDelays(gateway, provider, clients, run.short ? 40 : 200),
      );
      const { acknowledged, failed } = await load.stop();
      const inside = insideDelays(gateway);
      run.find(
        guarantees.oneCircuit,
        `${inside.length} openings: ${inWords(inside)} (as clients see it: ${inWords(outside)}; ${acknowledged} requests meanwhile, ${failed} failed)`,
        inside.length === outside.length &&
          percentile(inside, 0.5) < 10 &&
          percentile(inside, 0.99) < 50 &&
          failed === 0,
      );
    }),
};

/**
 * From sending a failing request to the first refusal that a client of the last worker has read, in ms, for each round.
 */
async function outsideDelays(
  gateway: RunningGateway,
  provider: FakeProvider,
  clients: readonly WorkerClient[],
  rounds: number,
): Promise<number[]> {
  const delays: number[] = [];
  const all = (status: number) =>
    Promise.all(clients.map((client) => client.untilStatus(status, PROBE_PAUSE_MS, 'fails')));
  for (let round = 0; round < rounds; round += 1) {
    const client = clients[round % clients.length];
    if (client === undefined) throw new Error('there is no connection');
    // Only one request fails: those that follow get answers until their worker knows.
    await provider.fault({ kind: 'status', status: 500, model: 'fails', times: 1 });
    const sentAt = performance.now();
    const { status } = await client.ask({ model: 'fails' });
    if (status !== 502) throw new Error(`the failing request got ${status}`);
    delays.push(Math.max(...(await all(503))) - sentAt);
    await fetch(`${gateway.adminUrl}/api/circuits/openai/reset`, { method: 'POST' });
    await all(200);
    // So that rounds do not begin in step with any timer.
    await pause(20 + Math.random() * 40);
  }
  return delays;
}

function inWords(delays: readonly number[]): string {
  return `median ${percentile(delays, 0.5).toFixed(1)} ms, p99 ${percentile(delays, 0.99).toFixed(1)} ms`;
}

/** From each failure to the arrival of the view at the last worker, as written by the workers themselves, in ms. */
function insideDelays({ folder }: RunningGateway): number[] {
  const notes = readFileSync(join(folder, 'openings'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([what, pid, micros]) => ({ what, pid, atMs: Number(micros) / 1000 }))
    .sort((one, other) => one.atMs - other.atMs);
  const failures = notes.filter(({ what }) => what === 'failed');
  return failures.flatMap(({ atMs }, index) => {
    const next = failures[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const known = new Map<string | undefined, number>();
    for (const note of notes) {
      const ours = note.what === 'knows' && note.atMs >= atMs && note.atMs < next;
      if (ours && !known.has(note.pid)) known.set(note.pid, note.atMs);
    }
    return known.size === WORKERS ? [Math.max(...known.values()) - atMs] : [];
  });
}
