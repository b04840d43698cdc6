/**
 * Sums of seconds on the whole way from a worker to the page: events, snapshots, deaths, folds, replays, in changing
 * groups and orders. No `_sum` may ever decrease, not even by its last bit.
 */
import { replay } from '../../../src/primary/ledger/replay.ts';
import { WorkerAccount } from '../../../src/primary/ledger/worker-account.ts';
import { exactSeconds, type RequestEnded, type WorkerEvent } from '../../../src/shared/events.ts';
import { fold, lasting } from '../../../src/shared/metrics/fold.ts';
import { createMetrics } from '../../../src/shared/metrics/metrics.ts';
import { isMetricJson, type MetricJson, Registry } from '../../../src/shared/metrics/prom.ts';
import { record } from '../../../src/shared/metrics/record.ts';
import { type ChaosCase, guarantees } from '../chaos-case.ts';

const WORKERS = 3;
const EVENTS_AT_ONCE = 5;
/** Longer than any request may take. */
const LONGEST_MS = 3_600_000;
/** Durations are whole multiples of 1/2^20 s, so their exact total is a sum of whole numbers. */
const GRAINS_PER_SECOND = 2 ** 20;

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
  about: '10,000 folds and replays of random durations',
  async run(run) {
    const rounds = run.short ? 1_000 : 10_000;
    const workers = Array.from({ length: WORKERS }, () => new Side());
    let retired: MetricJson[] = [];
    let before = new Map<string, number>();
    let compared = 0;
    const fallen: string[] = [];
    let grains = 0;
    for (let round = 0; round < rounds; round += 1) {
      const slot = Math.floor(Math.random() * WORKERS);
      const worker = workers[slot];
      if (worker === undefined) throw new Error('there is no such worker');
      const events = Array.from({ length: EVENTS_AT_ONCE }, ended);
      worker.count(events);
      for (const { seconds } of events) grains += seconds * GRAINS_PER_SECOND;
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

function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

function sums(page: readonly MetricJson[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { values } of page) {
    for (const { metricName, labels, value } of values) {
      if (metricName?.endsWith('_sum')) found.set(`${metricName}${JSON.stringify(labels)}`, value);
    }
  }
  return found;
}
