/**
 * What the page shows otherwise than it is counted. Processes exchange and keep whole numbers, since only their sums are
 * exact in any order; people read dollars.
 */
import type { MetricJson } from './prom.ts';

/** Counted in nano-dollars, shown in dollars. */
export const COST = 'llm_cost_nano_usd_total';

interface Shown {
  readonly name: string;
  readonly help: string;
  /** How many of what is counted make one of what is shown. */
  readonly unit: number;
}

const otherwise: Readonly<Record<string, Shown>> = {
  [COST]: {
    name: 'llm_cost_usd_total',
    help: 'What answers have cost in dollars, estimated tokens included',
    unit: 1_000_000_000,
  },
};

/** Its name and help text on the page. */
export function shownNames<M extends { readonly name: string; readonly help: string }>(metric: M): M {
  const { name, help } = otherwise[metric.name] ?? metric;
  return { ...metric, name, help };
}

/** A metric as the page shows it. A larger count is never shown as a smaller number. */
export function shown(metric: MetricJson): MetricJson {
  const unit = otherwise[metric.name]?.unit;
  if (unit === undefined) return metric;
  const values = metric.values.map((sample) => ({ ...sample, value: sample.value / unit }));
  return { ...shownNames(metric), values };
}
