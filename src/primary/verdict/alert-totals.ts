/**
 * The ledger's totals of what alerts read: of the workers that are gone, of each living worker's registry, and of its events
 * since. They are the numbers of the next scrape, so verdict and alerts judge by the same ones, whatever dies.
 */
import { errorTable } from '../../shared/errors.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { COST } from '../../shared/metrics/shown.ts';
import type { LedgerView } from '../ledger/metrics-ledger.ts';
import { alerts } from './alerts.ts';

/**
 * What is counted, each for a name. Of a model: requests that failed by a provider or the gateway, and whole answers. Of a
 * provider: attempts, those with a refused key, a model that is not served or a timeout; streams, and those that waited
 * too long, and what was paid, in nano-dollars. Of a provider and an outcome (`endOf`): attempts that ended so; of a provider and
 * a model: answers whose price is not known. Of a reason: rejected requests. The last two are not the ledger's: workers that died by a reason, and fetches of
 * a provider's credentials that failed.
 */
export type Counted =
  | 'failed'
  | 'answered'
  | 'attempts'
  | 'refused'
  | 'lacking'
  | 'late'
  | 'ended'
  | 'streams'
  | 'slow'
  | 'rejected'
  | 'paid'
  | 'unpriced'
  | 'exits'
  | 'unfetched';

/** One text for a count. */
export function countOf(counted: Counted, name: string): string {
  return `${counted}\n${name}`;
}

/** One text for the attempts at a provider that ended so, or for its answers for a model. */
export function endOf(provider: string, outcome: string): string {
  return `${provider}\n${outcome}`;
}

type Add = (counted: Counted, name: string, amount: number) => void;

const [, SLOW_SECONDS] = alerts.HeadgateProviderSlow.bounds.seconds;

/** All counts above 0 by `countOf`, at the moment of the view. */
export function alertTotals({ retired, workers }: LedgerView): Map<string, number> {
  const totals = new Map<string, number>();
  const add: Add = (counted, name, amount) => {
    if (amount === 0) return;
    const key = countOf(counted, name);
    totals.set(key, (totals.get(key) ?? 0) + amount);
  };
  addMetrics(retired, add);
  for (const { base, tail } of workers) {
    addMetrics(base, add);
    for (const { events } of tail) for (const event of events) addEvent(event, add);
  }
  return totals;
}

type Sample = MetricJson['values'][number];

/** How the samples of a metric count. */
const readers: Readonly<Record<string, (sample: Sample, add: Add) => void>> = {
  llm_request_errors_total: ({ labels: { owner, model }, value }, add) => {
    if (isFailure(owner)) add('failed', String(model), value);
  },
  llm_requests_total: ({ labels: { status, model }, value }, add) => {
    if (status === 'success') add('answered', String(model), value);
  },
  llm_attempts_total: ({ labels: { provider, outcome }, value }, add) => {
    add('attempts', String(provider), value);
    add('ended', endOf(String(provider), String(outcome)), value);
    const counted = countedAs(String(outcome));
    if (counted !== null) add(counted, String(provider), value);
  },
  llm_time_to_first_content_seconds: ({ labels: { provider, le }, value, metricName = '' }, add) => {
    if (metricName.endsWith('_count')) {
      add('streams', String(provider), value);
      add('slow', String(provider), value);
    } else if (Number(le) === SLOW_SECONDS) add('slow', String(provider), -value);
  },
  [COST]: ({ labels: { provider }, value }, add) => add('paid', String(provider), value),
  llm_unpriced_requests_total: ({ labels: { provider, model }, value }, add) =>
    add('unpriced', endOf(String(provider), String(model)), value),
  llm_rejected_total: ({ labels: { reason }, value }, add) => add('rejected', String(reason), value),
};

function addMetrics(metrics: readonly MetricJson[], add: Add): void {
  for (const { name, values } of metrics) {
    const read = readers[name];
    if (read !== undefined) for (const sample of values) read(sample, add);
  }
}

function addEvent(event: WorkerEvent, add: Add): void {
  switch (event.type) {
    case 'request-ended':
      if (event.status === 'success') add('answered', event.model, 1);
      else if (event.code !== undefined && isFailure(errorTable[event.code].owner)) add('failed', event.model, 1);
      return;
    case 'attempt-ended': {
      add('attempts', event.provider, 1);
      add('ended', endOf(event.provider, event.outcome), 1);
      const counted = countedAs(event.outcome);
      if (counted !== null) add(counted, event.provider, 1);
      return;
    }
    case 'first-content':
      add('streams', event.provider, 1);
      if (event.seconds > SLOW_SECONDS) add('slow', event.provider, 1);
      return;
    case 'tokens':
      if (event.nanoUsd === null) add('unpriced', endOf(event.provider, event.model), 1);
      else add('paid', event.provider, event.nanoUsd);
      return;
    case 'rejected':
      add('rejected', event.reason, 1);
      return;
    default:
      return;
  }
}

function isFailure(owner: string | number | undefined): boolean {
  return owner === 'provider' || owner === 'gateway';
}

function countedAs(outcome: string): Counted | null {
  if (outcome === 'auth_error') return 'refused';
  if (outcome === 'model_unavailable') return 'lacking';
  return outcome.startsWith('timeout_') ? 'late' : null;
}
