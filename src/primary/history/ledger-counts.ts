/**
 * What history counts of each subject, as totals: of the ledger, and of the steps that are over. Both have the same keys, so
 * that what no event has told is the difference. Of a provider the ledger has its errors, and not whose fault they are. Pure.
 */
import { errorOwners, errorTable } from '../../shared/errors.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { COST } from '../../shared/metrics/shown.ts';
import type { LedgerView } from '../ledger/metrics-ledger.ts';
import type { Sums } from './recent-counts.ts';

/** Of what history is kept. */
export type SubjectKind = 'gateway' | 'model' | 'provider';

/** What is counted; `errors` of providers alone, the four owners of all others. */
export const counted = ['requests', ...errorOwners.map((owner) => `of-${owner}`), 'errors', 'input', 'output', 'nano'];

/** Totals by `totalKey`. */
export type Totals = ReadonlyMap<string, number>;

/** One text for a total. */
export function totalKey(kind: SubjectKind, name: string, what: string): string {
  return `${kind}\n${name}\n${what}`;
}

/** Adds a step's sums of a subject to totals. */
export function addSums(totals: Map<string, number>, kind: SubjectKind, name: string, sums: Sums): void {
  const { requests, errors, inputTokens: input, outputTokens: output, nanoUsd: nano } = sums;
  const of =
    kind === 'provider' ? { errors: errorOwners.reduce((sum, owner) => sum + errors[owner], 0) } : ofOwners(errors);
  for (const [what, amount] of Object.entries({ requests, ...of, input, output, nano })) {
    addTo(totals, totalKey(kind, name, what), amount);
  }
}

/** The totals of the ledger above 0, at the moment of the view. */
export function ledgerCounts({ retired, workers }: LedgerView): Totals {
  const totals = new Map<string, number>();
  const add: Add = (model, provider, what, amount) => {
    addTo(totals, totalKey('gateway', '', what), amount);
    if (model !== null) addTo(totals, totalKey('model', model, what), amount);
    if (provider !== null) addTo(totals, totalKey('provider', provider, what), amount);
  };
  const addError = (provider: string, amount: number) =>
    addTo(totals, totalKey('provider', provider, 'errors'), amount);
  addMetrics(retired, add, addError);
  for (const { base, tail } of workers) {
    addMetrics(base, add, addError);
    for (const { events } of tail) for (const event of events) addEvent(event, add, addError);
  }
  return totals;
}

type Add = (model: string | null, provider: string | null, what: string, amount: number) => void;
type AddError = (provider: string, amount: number) => void;

function addMetrics(metrics: readonly MetricJson[], add: Add, addError: AddError): void {
  for (const { name, values } of metrics) {
    for (const { labels, value } of values) {
      const [model, provider] = [String(labels.model), String(labels.provider)];
      if (name === 'llm_requests_total') {
        add(model, provider, 'requests', value);
        if (labels.status !== 'success') addError(provider, value);
      } else if (name === 'llm_request_errors_total') add(model, null, `of-${labels.owner}`, value);
      else if (name === COST) add(model, provider, 'nano', value);
      else if (name === 'llm_tokens_total') {
        const what = tokenKinds[String(labels.type)];
        if (what !== undefined) add(model, provider, what, value);
      } else break;
    }
  }
}

function addEvent(event: WorkerEvent, add: Add, addError: AddError): void {
  if (event.type === 'request-ended') {
    const { model, provider, status, code } = event;
    add(model, provider, 'requests', 1);
    if (status === 'success') return;
    addError(provider, 1);
    add(model, null, `of-${code === undefined ? 'gateway' : errorTable[code].owner}`, 1);
  } else if (event.type === 'tokens') {
    const { model, provider, counts, nanoUsd } = event;
    for (const [type, what] of Object.entries(tokenKinds)) {
      add(model, provider, what, counts[type as keyof typeof counts] ?? 0);
    }
    add(model, provider, 'nano', nanoUsd ?? 0);
  }
}

/** Kinds of tokens that are a part of no other one. */
const tokenKinds: Readonly<Record<string, string>> = {
  input: 'input',
  estimated_input: 'input',
  output: 'output',
  estimated: 'output',
};

function ofOwners(errors: Sums['errors']): Record<string, number> {
  return Object.fromEntries(errorOwners.map((owner) => [`of-${owner}`, errors[owner]]));
}

function addTo(totals: Map<string, number>, key: string, amount: number): void {
  if (amount !== 0) totals.set(key, (totals.get(key) ?? 0) + amount);
}
