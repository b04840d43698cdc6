/** Measures one attack on one version: a gateway of its own, warmed up, with one worker and its default limits. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { probe, probeOptions } from '../bench/probes/probe.ts';
import type { RunningGateway } from '../rig/gateway.ts';
import type { Rig } from '../rig/rig.ts';
import type { Attack } from './attack.ts';
import { Observation, type Observed } from './observation.ts';
import type { OtherSide } from './other-side/other-side.ts';

const turnClock = fileURLToPath(new URL('turn-clock.ts', import.meta.url));
const nodeOptions = ['--import', turnClock, ...probeOptions];

/** An attack that takes longer is cut off. */
const LIMIT_MS = 45_000;

/** Until the worker's own clock of its loop has begun anew, and until all that a closed connection causes is done. */
const SETTLE_MS = 150;

/** One row of the table, for one version. */
export interface Figures extends Observed {
  readonly answers: string;
  readonly seconds: number;
  /** The longest turn of the worker's loop, in CPU time and by the clock; NaN if it has ended. */
  readonly longestCpuMs: number;
  readonly longestTurnMs: number;
}

export async function measure(rig: Rig, other: OtherSide, attack: Attack, program: string): Promise<Figures> {
  const gateway = await rig.gateway(configuration(other.providerPort), { nodeOptions, program });
  try {
    return await attacked(gateway, other, attack);
  } finally {
    await gateway.end();
  }
}

async function attacked(gateway: RunningGateway, other: OtherSide, attack: Attack): Promise<Figures> {
  const [pid = 0] = await gateway.readyWorkers();
  await other.warmUp(gateway.port);
  await probe(gateway.folder, [pid]);
  await pause(SETTLE_MS);

  const startedAt = performance.now();
  let cutOff: string | null = null;
  const end = (why: string) => {
    cutOff ??= why;
    observation.stop();
    gateway.signalGroup('SIGKILL');
  };
  const observation = new Observation(gateway, pid, () => end('memory'));
  const limit = setTimeout(() => end('time'), LIMIT_MS);
  const answers = await other.attack(attack.name, gateway.port);
  clearTimeout(limit);
  const seconds = (performance.now() - startedAt) / 1000;
  await pause(SETTLE_MS);
  const observed = await observation.end();
  if (cutOff !== null) {
    const unknown = { longestCpuMs: Number.NaN, longestTurnMs: Number.NaN };
    return { ...observed, ...unknown, answers: `cut off (${cutOff})`, seconds };
  }
  return { ...observed, ...(await longestTurns(gateway, pid)), answers, seconds };
}

async function longestTurns({ folder }: RunningGateway, pid: number) {
  const [probed] = await probe(folder, [pid]);
  const turns = JSON.parse(readFileSync(path.join(folder, `turns-${pid}.json`), 'utf8')) as { longestCpuMs: number };
  return { ...turns, longestTurnMs: probed?.longestBlockMs ?? Number.NaN };
}

function configuration(providerPort: number) {
  const address = `http://127.0.0.1:${providerPort}`;
  return {
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    workers: 1,
    retry: { attempts: 1 },
    providers: {
      openai: { type: 'openai', base_url: `${address}/v1`, api_key: 'sk-test' },
      anthropic: { type: 'anthropic', base_url: address, api_key: 'sk-test' },
    },
    models: {
      'gpt-4': { targets: [{ provider: 'openai', model: 'gpt-4' }] },
      renamed: { targets: [{ provider: 'openai', model: 'gpt-4' }] },
      claude: { targets: [{ provider: 'anthropic', model: 'claude', max_tokens: 100 }] },
    },
  };
}
