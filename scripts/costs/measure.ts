/** Measures one attack on one version: a gateway of its own, warmed up, with one worker and its default limits. */
import { setTimeout as pause } from 'node:timers/promises';
import { probe, probeOptions } from '../bench/probes/probe.ts';
import type { RunningGateway } from '../rig/gateway.ts';
import type { Rig } from '../rig/rig.ts';
import type { Attack } from './attack.ts';
import { Observation, type Observed } from './observation.ts';
import type { OtherSide } from './other-side/other-side.ts';

/** An attack that takes longer is cut off. */
const LIMIT_MS = 60_000;

/** Until the worker's own clock of its loop has begun anew, and until all that a closed connection causes is done. */
const SETTLE_MS = 150;

/** One row of the table, for one version. */
export interface Figures extends Observed {
  readonly answers: string;
  readonly seconds: number;
  /** The longest turn of the worker's loop, by its own clock; NaN if it has ended. */
  readonly longestTurnMs: number;
}

export async function measure(rig: Rig, other: OtherSide, attack: Attack, program: string): Promise<Figures> {
  const gateway = await rig.gateway(configuration(other.providerPort), { nodeOptions: probeOptions, program });
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
    gateway.signalGroup('SIGKILL');
  };
  const observation = new Observation(gateway, pid, () => end('memory'));
  const limit = setTimeout(() => end('time'), LIMIT_MS);
  const answers = await other.attack(attack.name, gateway.port);
  clearTimeout(limit);
  const seconds = (performance.now() - startedAt) / 1000;
  await pause(SETTLE_MS);
  const observed = await observation.end();
  const longestTurnMs = cutOff === null ? await ownLongestTurn(gateway, pid) : Number.NaN;
  return { ...observed, answers: cutOff === null ? answers : `cut off (${cutOff})`, seconds, longestTurnMs };
}

async function ownLongestTurn(gateway: RunningGateway, pid: number): Promise<number> {
  const [probed] = await probe(gateway.folder, [pid]);
  return probed?.longestBlockMs ?? Number.NaN;
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
      claude: { targets: [{ provider: 'anthropic', model: 'claude', max_tokens: 100 }] },
    },
  };
}
