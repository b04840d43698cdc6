/**
 * Fails if the gateway's cost relative to the bare proxy exceeds the promise. Both are measured in this run, which
 * takes about a minute.
 *
 *   npm run bench:check
 */
import { table } from '../../src/cli/table.ts';
import { measurePlain, type Rounds } from './measuring/measure-plain.ts';
import { measureStreams } from './measuring/measure-streams.ts';
import { median, type Readings } from './measuring/readings.ts';
import { bare, headgate, type ProxyKind } from './proxies/proxies.ts';

/**
 * The promised ratio, and a margin for noise. The yardstick's own speed changes by a third, for seconds or longer, and
 * not always together with the gateway's: the same code gave ratios from 1.1 to 1.5, so only more than that is a
 * failure.
 */
const limits = {
  plain: { ratio: 1.4, margin: 0.3 },
  chunk: { ratio: 1.3, margin: 0.25 },
} as const;

const TWINS = 2;
const rounds: Rounds = { rounds: 4, seconds: 1, warmUpSeconds: 1 };
const gateway = headgate('Headgate', { workers: 1 });

/** A B A B, so that the yardstick is always measured a second before the gateway. */
const contenders: readonly ProxyKind[] = Array.from({ length: TWINS }, (_, twin) => [
  { ...bare, name: nameOf(bare, twin) },
  { ...gateway, name: nameOf(gateway, twin) },
]).flat();

function nameOf({ name }: ProxyKind, twin: number): string {
  return `${name} #${twin}`;
}

/** The median of all ratios of a gateway's reading to its yardstick's in the same round. */
function pairedRatio(readings: Readings): number {
  const pairs = Array.from({ length: TWINS }, (_, twin) => {
    const measures = readings.of(nameOf(bare, twin));
    return readings.of(nameOf(gateway, twin)).map((reading, round) => reading / (measures[round] ?? Number.NaN));
  });
  return median(pairs.flat());
}

function medianOf(readings: Readings, kind: ProxyKind): number {
  return median(Array.from({ length: TWINS }, (_, twin) => readings.of(nameOf(kind, twin))).flat());
}

async function main(): Promise<void> {
  const plain = await measurePlain(contenders, rounds);
  const chunk = await measureStreams(contenders, rounds);
  const heads = ['', 'bare µs', 'Headgate µs', 'and its primary', 'ratio', 'limit', ''];
  const lines: string[][] = [];
  for (const [name, { cpu, primaryCpu }] of Object.entries({ plain, chunk })) {
    const { ratio: promised, margin } = limits[name as keyof typeof limits];
    const ratio = pairedRatio(cpu);
    const holds = ratio <= promised + margin;
    if (!holds) process.exitCode = 1;
    const figures = [medianOf(cpu, bare), medianOf(cpu, gateway), medianOf(primaryCpu, gateway)];
    const texts = figures.map((figure) => figure.toFixed(1));
    lines.push([name, ...texts, ratio.toFixed(2), `${promised} + ${margin}`, holds ? 'holds' : 'FAILS']);
  }
  console.log(table(heads, lines, { rule: true, rightFrom: 1 }).join('\n'));
}

await main();
