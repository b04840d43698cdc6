/**
 * Sums of seconds and of money on the whole way from a worker to the page: events, snapshots, deaths, folds, replays, in
 * changing groups and orders. None may ever decrease, not even by its last bit.
 */
import { replay } from '../../../src/primary/ledger/replay.ts';
import { WorkerAccount } from '../../../src/primary/ledger/worker-account.ts';
import { exactSeconds, type RequestEnded, type TokensCounted, type WorkerEvent } from '../../../src/shared/events.ts';
import { fold, lasting } from '../../../src/shared/metrics/fold.ts';
import { createMetrics } from '../../../src/shared/metrics/metrics.ts';
import { isMetricJson, type MetricJson, Registry } from '../../../src/shared/metrics/prom.ts';
import { record } from '../../../src/shared/metrics/record.ts';
import { COST } from '../../../src/shared/metrics/shown.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';

const WORKERS = 3;
const EVENTS_AT_ONCE = 5;
/** Longer than any request may take. */
const LONGEST_MS = 3_600_000;
/** In sums, durations are whole multiples of 1/2^10 s, so their exact total is a sum of whole numbers. */
const GRAINS_PER_SECOND = 2 ** 10;

const neverYield = () => Promise.resolve();

/** A worker's registry and the primary's account of it. */
class Side {
  readonly #registry = new Registry();
  readonly #metrics = createMetrics(this.#registry);
  readonly account = new WorkerAccount();
  #sequence = 0;

  count(events: readonly WorkerEvent[]): void {
    for (const event of events) record(this.#metrics, event);
    this.account.append(this.#sequence + 1, events);
    this.#sequence += events.length;
  }

  async snapshot(): Promise<void> {
    const json: unknown[] = await this.#registry.getMetricsAsJSON();
    // In the form in which it leaves the pipe.
    const metrics: unknown[] = JSON.parse(JSON.stringify(json));
    this.account.rebase({ sequence: this.#sequence, metrics: metrics.filter(isMetricJson) });
  }
}

export const exactSums: ChaosCase = {
  name: 'exact-sums',
  about: '10,000 folds and replays of random durations and prices',
  async run(run) {
    const rounds = run.short ? 1_000 : 10_000;
    const workers = Array.from({ length: WORKERS }, () => new Side());
    let retired: MetricJson[] = [];
    let before = new Map<string, number>();
    let compared = 0;
    const fallen: string[] = [];
    let grains = 0;
    let nanoUsd = 0n;
    for (let round = 0; round < rounds; round += 1) {
      const slot = Math.floor(Math.random() * WORKERS);
      const worker = workers[slot];
      if (worker === undefined) throw new Error('there is no such worker');
      const events = Array.from({ length: EVENTS_AT_ONCE }, ended);
      const paid = Array.from({ length: EVENTS_AT_ONCE }, answered);
      worker.count([...events, ...paid]);
      for (const { seconds } of events) grains += Math.round(seconds * GRAINS_PER_SECOND);
      for (const answer of paid) nanoUsd += BigInt(answer.nanoUsd ?? 0);
      const dice = Math.random();
      if (dice < 0.2) await worker.snapshot();
      if (dice > 0.9) {
        const { base } = worker.account;
        const replayed = await replay(worker.account.tail(), neverYield);
        retired = fold(shuffled([retired, lasting(base.metrics), replayed]));
        workers[slot] = new Side();
      }
      const tails = await replay(shuffled(workers.flatMap(({ account }) => account.tail())), neverYield);
      const page = fold(shuffled([retired, ...workers.map(({ account }) => account.base.metrics), tails]));
      const now = sums(page);
      for (const [series, value] of before) {
        compared += 1;
        if ((now.get(series) ?? 0) < value) fallen.push(series);
      }
      before = now;
    }
    const total = [...before].filter(([series]) => series.startsWith('llm_request_duration')).map(([, sum]) => sum);
    const off = total.reduce((sum, value) => sum + value * GRAINS_PER_SECOND, 0) - grains;
    const figure = `${rounds} folds and replays, ${rounds * EVENTS_AT_ONCE} durations, ${compared} comparisons: ${fallen.length} sums went down; off the exact total by ${off}`;
    run.find(guarantees.neverDown, figure, compared > rounds && fallen.length === 0 && off === 0);
    const costs = [...before].filter(([series]) => series.startsWith(COST)).map(([, sum]) => BigInt(sum));
    const missing = nanoUsd - costs.reduce((sum, value) => sum + value, 0n);
    run.find(guarantees.counted, `${nanoUsd} nano-dollars: off by ${missing}`, nanoUsd > 0n && missing === 0n);
  },
};

function ended(): RequestEnded {
  const seconds = exactSeconds(Math.random() ** 4 * LONGEST_MS);
  return {
    type: 'request-ended',
    provider: Math.random() < 0.5 ? 'openai' : 'anthropic',
    status: Math.random() < 0.9 ? 'success' : 'error',
    model: 'gpt-4',
    seconds,
    overheadSeconds: exactSeconds(Math.random() * 5),
    endpoint: 'chat_completions',
  };
}

function answered(): TokensCounted {
  return {
    type: 'tokens',
    provider: Math.random() < 0.5 ? 'openai' : 'anthropic',
    model: 'gpt-4',
    key: 'default',
    nanoUsd: Math.random() < 0.1 ? null : Math.floor(Math.random() ** 8 * 100e9),
    counts: { input: 1 },
  };
}

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

function sums(page: readonly MetricJson[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { name, values } of page) {
    for (const { metricName = name, labels, value } of values) {
      if (metricName.endsWith('_sum') || name === COST) found.set(`${metricName}${JSON.stringify(labels)}`, value);
    }
  }
  return found;
}
