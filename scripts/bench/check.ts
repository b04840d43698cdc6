/**
 * Fails if the gateway's cost relative to the bare proxy exceeds the promise. Both are measured in this run, with new
 * processes in each start: a process keeps its pace for its whole life, and the machine's changes within seconds. There
 * are as many starts as it takes until noise cannot have decided, at most four; each takes half a minute.
 *
 *   npm run bench:check
 */
import { table } from '../../src/cli/table.ts';
import { measurePlain, type Rounds } from './measuring/measure-plain.ts';
import { measureStreams } from './measuring/measure-streams.ts';
import { errorOfMedian, median, type Readings } from './measuring/readings.ts';
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
const MAX_STARTS = 4;
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

/** The ratios of a gateway's readings to its yardstick's in the same round. */
function pairedRatios(readings: Readings): number[] {
  return Array.from({ length: TWINS }, (_, twin) => {
    const measures = readings.of(nameOf(bare, twin));
    return readings.of(nameOf(gateway, twin)).map((reading, round) => reading / (measures[round] ?? Number.NaN));
  }).flat();
}

function readingsOf(readings: Readings, kind: ProxyKind): readonly number[] {
  return Array.from({ length: TWINS }, (_, twin) => readings.of(nameOf(kind, twin))).flat();
}

/** All that was measured of plain requests, or of chunks, in all starts so far. µs of CPU each. */
class Account {
  readonly #bare: number[] = [];
  readonly #gateway: number[] = [];
  readonly #primary: number[] = [];
  readonly #ratios: number[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add({ cpu, primaryCpu }: { readonly cpu: Readings; readonly primaryCpu: Readings }): void {
    this.#bare.push(...readingsOf(cpu, bare));
    this.#gateway.push(...readingsOf(cpu, gateway));
    this.#primary.push(...readingsOf(primaryCpu, gateway));
    this.#ratios.push(...pairedRatios(cpu));
  }

  get holds(): boolean {
    return median(this.#ratios) <= this.#limit;
  }

  /** Whether the limit is further from the median than twice its standard error. */
  get clear(): boolean {
    return Math.abs(median(this.#ratios) - this.#limit) > 2 * errorOfMedian(this.#ratios);
  }

  /** Medians: bare, gateway, its primary, and the ratio. */
  get texts(): string[] {
    const figures = [this.#bare, this.#gateway, this.#primary].map((values) => median(values).toFixed(1));
    return [...figures, `${median(this.#ratios).toFixed(2)} ±${errorOfMedian(this.#ratios).toFixed(2)}`];
  }
}

async function main(): Promise<void> {
  const accounts = Object.entries(limits).map(([name, { ratio, margin }]) => {
    const measure = name === 'plain' ? measurePlain : measureStreams;
    return { name, measure, promise: `${ratio} + ${margin}`, account: new Account(ratio + margin) };
  });
  for (const { measure, account } of accounts) {
    for (let start = 0; start < MAX_STARTS && (start === 0 || !account.clear); start += 1) {
      account.add(await measure(contenders, rounds));
    }
    if (!account.holds) process.exitCode = 1;
  }
  const heads = ['', 'bare µs', 'Headgate µs', 'and its primary', 'ratio', 'limit', ''];
  const lines = accounts.map(({ name, account, promise }) => [
    name,
    ...account.texts,
    promise,
    account.holds ? 'holds' : 'FAILS',
  ]);
  console.log(table(heads, lines, { rule: true, rightFrom: 1 }).join('\n'));
}

await main();
