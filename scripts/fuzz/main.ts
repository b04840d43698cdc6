/**
 * Feeds the gateway with inputs that nobody meant: bytes of clients and providers, messages of workers, files that an
 * earlier run has left. Prints a line for each target; exits with 1 if a rule does not hold, and says how to repeat that.
 *
 *   npm run fuzz -- [--minutes N] [--seed S] [--only TARGET]... [--rounds N] [--list]
 *
 * A round's seed is the one before it plus 1, and all of its inputs follow from it. So the round that failed is the first
 * of a run with its seed. Sockets and processes keep their own time: with them it may take a few rounds.
 */
import { parseArgs } from 'node:util';
import type { FuzzTarget } from './fuzz-target.ts';
import { targets } from './targets.ts';

/** Seeds of the generator are whole numbers of 32 bits. */
const SEEDS = 2 ** 31;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * SEEDS)) },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: 'Infinity' },
    list: { type: 'boolean', default: false },
  },
});

interface Plan {
  readonly firstSeed: number;
  readonly rounds: number;
  readonly milliseconds: number;
}

/** Runs one target; returns whether everything held. */
async function run(target: FuzzTarget, { firstSeed, rounds, milliseconds }: Plan): Promise<boolean> {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(0);
  let [done, seed] = [0, firstSeed];
  const open = await target.open(true);
  try {
    while (done < rounds && performance.now() - startedAt < milliseconds) {
      seed = (firstSeed + done) % SEEDS;
      await open.round(seed, target.inputs);
      done += 1;
    }
  } catch (error) {
    console.error(error);
    console.log(
      `${target.name.padEnd(9)} FAILS in round ${done + 1}, of ${target.inputs} inputs, after ${seconds()} s`,
    );
    console.log(`  again: npm run fuzz -- --only ${target.name} --seed ${seed} --rounds 1`);
    return false;
  } finally {
    await open.close();
  }
  console.log(`${target.name.padEnd(9)} holds: ${done * target.inputs} inputs in ${done} rounds, ${seconds()} s`);
  return true;
}

async function main(): Promise<boolean> {
  if (flags.list) {
    for (const { name, about } of targets) console.log(`${name.padEnd(9)} ${about}`);
    return true;
  }
  const [minutes, firstSeed, rounds] = [Number(flags.minutes), Number(flags.seed), Number(flags.rounds)];
  const unknown = flags.only?.filter((name) => !targets.some((known) => known.name === name)) ?? [];
  if (unknown.length > 0 || !(minutes > 0) || !(rounds > 0) || !Number.isSafeInteger(firstSeed) || firstSeed < 0) {
    console.error(`--only takes ${targets.map(({ name }) => name).join(', ')}; the other options take numbers`);
    return false;
  }
  const chosen = targets.filter(({ name }) => flags.only === undefined || flags.only.includes(name));
  console.log(`seed ${firstSeed}`);
  let holds = true;
  for (const target of chosen) {
    const milliseconds = (minutes * 60_000) / chosen.length;
    holds = (await run(target, { firstSeed, rounds, milliseconds })) && holds;
  }
  return holds;
}

// The product's timers do not keep a process alive, and some targets wait for nothing else.
const awake = setInterval(() => undefined, 60_000);
process.exitCode = (await main()) ? 0 : 1;
clearInterval(awake);
