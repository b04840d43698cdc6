/**
 * What a request that fails costs the primary, in µs of its CPU, while all do: refused by the gateway itself, and failed by
 * the provider; at a fixed pace, and as a flood. With the folder of another version, built, that one stands beside ours and
 * is loaded in turn, and so is a second gateway of our own code (the control): how far that one is from 1 is the noise.
 * Above 1, ours is cheaper.
 *
 *   npm run failing-cost -- [--beside FOLDER] [--rounds N] [--per-second N]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './bench/measuring/readings.ts';
import type { Load } from './load/driver.ts';
import type { Target } from './load/protocol.ts';
import { cpuMicroseconds } from './processes/cpu-time.ts';
import type { RunningGateway } from './rig/gateway.ts';
import { oneProviderConfig } from './rig/gateway-config.ts';
import { Rig } from './rig/rig.ts';

const WORKERS = 2;
const CONNECTIONS = 16;
const SECONDS = 2;
/** In these, V8 still compiles. */
const WARM_UP_ROUNDS = 3;

const { values: flags } = parseArgs({
  options: {
    beside: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    'per-second': { type: 'string', default: '400' },
  },
});

/** The model that each kind of failing request names. */
const kinds: Readonly<Record<string, string>> = { refused: 'no-such-model', 'failed by the provider': 'gpt-4' };

interface Way {
  readonly name: string;
  /** Resolves with the number of requests. */
  load(load: Load, target: Target): Promise<number>;
}

const perSecond = number('per-second');
const ways: readonly Way[] = [
  {
    name: `${perSecond} a second`,
    async load(load, target) {
      await load.pace({ target, perSecond, seconds: SECONDS });
      return perSecond * SECONDS;
    },
  },
  {
    name: 'flood',
    load: async (load, target) =>
      (await load.saturate({ target, connections: CONNECTIONS, seconds: SECONDS })).requests,
  },
];

function number(name: 'rounds' | 'per-second'): number {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} is a number from 1, not ${flags[name]}`);
}

/** µs of the primary for each request of a round. */
async function costOf(gateway: RunningGateway, way: Way, load: Load, model: string): Promise<number> {
  const bodies = [JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] })];
  const before = cpuMicroseconds([gateway.pid]);
  const requests = await way.load(load, { port: gateway.port, headers: {}, bodies });
  return (cpuMicroseconds([gateway.pid]) - before) / requests;
}

/** Gateways by the code that they run. */
type Named = readonly [name: string, gateway: RunningGateway];

/** By name, a cost for each round; the order changes with every round, so that none is always first. */
async function costs(
  gateways: readonly Named[],
  way: Way,
  load: Load,
  model: string,
): Promise<Map<string, readonly number[]>> {
  const all = new Map<string, readonly number[]>(gateways.map(([name]) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < number('rounds'); round += 1) {
    for (const [name, gateway] of round % 2 === 0 ? gateways : gateways.toReversed()) {
      const cost = await costOf(gateway, way, load, model);
      if (round >= 0) all.set(name, [...(all.get(name) ?? []), cost]);
    }
  }
  return all;
}

await Rig.with(async (rig) => {
  const provider = await rig.provider();
  await provider.fault({ kind: 'status', status: 400 });
  const config = oneProviderConfig(provider.port, WORKERS);
  const gateways: Named[] = [['ours', await rig.gateway(config)]];
  if (flags.beside !== undefined) {
    const program = join(resolve(flags.beside), 'dist', 'cli', 'main.js');
    gateways.push(['other', await rig.gateway(config, { program })], ['control', await rig.gateway(config)]);
  }
  const load = await rig.load();
  for (const [kind, model] of Object.entries(kinds)) {
    for (const way of ways) {
      const all = await costs(gateways, way, load, model);
      const ours = all.get('ours') ?? [];
      console.log(`${kind}, ${way.name}: ${quartiles(ours, 1)} µs of the primary for each request`);
      for (const [name, values] of [...all].slice(1)) {
        const ratios = values.map((cost, round) => cost / (ours[round] ?? Number.NaN));
        console.log(`  ${name.padEnd(7)} ${quartiles(values, 1)} µs; to ours ${quartiles(ratios, 2)}`);
      }
    }
  }
});

/** The median, with the quartiles around it. */
function quartiles(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(digits);
  return `${median(values).toFixed(digits)} (${at(0.25)} to ${at(0.75)})`;
}
