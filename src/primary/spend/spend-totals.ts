/**
 * The ledger's totals of what was spent: of the workers that are gone, of each living worker's registry, and of its events
 * since. Much cheaper than a scrape, since only one metric is added up and only one kind of event is replayed.
 */

import { LabelTree } from '../../shared/metrics/label-tree.ts';
import type { MetricJson } from '../../shared/metrics/prom.ts';
import { addSpend, SPEND_METRIC, spendLabels } from '../../shared/metrics/spend.ts';
import type { LedgerView } from '../ledger/metrics-ledger.ts';

/** One series. */
export interface SpendTotal {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  readonly unit: string;
  /** A whole number, from 0. */
  readonly amount: number;
}

class Sum {
  readonly labels: Readonly<Record<string, string>>;
  amount = 0;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }
}

/** All series, each once, at the moment of the view. */
export function spendTotals({ retired, workers }: LedgerView): SpendTotal[] {
  const sums = new LabelTree(spendLabels, (labels) => new Sum(labels));
  const add = (provider: string, model: string, key: string, unit: string, amount: number) => {
    sums.of([provider, model, key, unit]).amount += amount;
  };
  addMetric(retired, add);
  for (const { base, tail } of workers) {
    addMetric(base, add);
    for (const { events } of tail) {
      for (const event of events) {
        if (event.type !== 'tokens') continue;
        addSpend(event, (unit, amount) => add(event.provider, event.model, event.key, unit, amount));
      }
    }
  }
  return sums.all.map(({ labels: { provider = '', model = '', key = '', unit = '' }, amount }) => {
    return { provider, model, key, unit, amount };
  });
}

type Add = (provider: string, model: string, key: string, unit: string, amount: number) => void;

function addMetric(metrics: readonly MetricJson[], add: Add): void {
  const values = metrics.find(({ name }) => name === SPEND_METRIC)?.values ?? [];
  for (const { labels, value } of values) {
    const [provider = '', model = '', key = '', unit = ''] = spendLabels.map((name) => String(labels[name] ?? ''));
    add(provider, model, key, unit, value);
  }
}
