/**
 * Fails when the gateway has become dearer against the bare proxy than is promised, both measured in this run. Takes
 * less than a minute.
 *
 *   npm run bench:check
 *
 * Every process of Node's has a pace of its own that it keeps for life, up to a third off that of its twin: each side
 * has several, and their median counts.
 */
import { measurePlain } from './measure-plain.ts';
import { measureStreams } from './measure-streams.ts';
import { bare, headgate, type ProxyKind } from './proxies.ts';
import { medianOfTwins } from './readings.ts';
import { formatTable } from './table.ts';

/**
 * The promise, and what noise may add to it on a quiet machine. On a busy one with two cores, runs of nearly the same
 * code gave plain ratios from 1.47 to 1.85: a verdict from there says nothing.
 */
const limits = {
  plain: { ratio: 1.4, margin: 0.15 },
  chunk: { ratio: 1.3, margin: 0.13 },
} as const;

const TWINS = 3;

function twins(kind: ProxyKind): ProxyKind[] {
  return Array.from({ length: TWINS }, (_, twin) => ({ ...kind, name: `${kind.name} #${twin}` }));
}

function interleaved(): ProxyKind[] {
  const gateways = twins(headgate('Headgate', { workers: 1 }));
  return twins(bare).flatMap((yardstick, twin) => [yardstick, ...gateways.slice(twin, twin + 1)]);
}

async function main(): Promise<void> {
  const kinds = interleaved();
  const plain = await measurePlain(kinds, { rounds: 2, seconds: 1, warmUpSeconds: 1 });
  const chunk = await measureStreams(kinds, { rounds: 2, seconds: 1, warmUpSeconds: 1 });
  const lines = [['', 'bare µs', 'Headgate µs', 'ratio', 'with primary', 'limit', '']];
  for (const [name, { cpu, primaryCpu }] of Object.entries({ plain, chunk })) {
    const { ratio: promised, margin } = limits[name as keyof typeof limits];
    const yardstick = medianOfTwins(cpu, bare.name);
    const gateway = medianOfTwins(cpu, 'Headgate');
    const ratio = gateway / yardstick;
    const whole = (gateway + medianOfTwins(primaryCpu, 'Headgate')) / yardstick;
    const holds = ratio <= promised + margin;
    if (!holds) process.exitCode = 1;
    const figures = [yardstick.toFixed(1), gateway.toFixed(1), ratio.toFixed(2), whole.toFixed(2)];
    lines.push([name, ...figures, `${promised} + ${margin}`, holds ? 'holds' : 'FAILS']);
  }
  console.log(formatTable(lines));
}

await main();
