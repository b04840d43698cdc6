/**
 * Rewrites the compiled `src/shared/metrics/record.ts` for prom-client's own metrics: `labels(a, b).inc(1)` becomes
 * `inc({ one: a, other: b }, 1)`. That is the library's fastest way: its `labels` creates an object and a bound function
 * more, and each of their calls builds the same string of labels.
 */
import { createMetrics } from '../../../src/shared/metrics/metrics.ts';
import { Registry } from '../../../src/shared/metrics/prom.ts';

/** A call on one child: the metric, the label values, the method and its argument, if there is one. */
const CALL = /metrics\.(\w+)\.labels\(([^()]*)\)\.(inc|observe)\(([^()]*)\)/g;

/** Throws for a call that it does not understand. */
export function withLibraryCalls(script: string): string {
  const metrics = new Map(Object.entries(createMetrics(new Registry())));
  const rewritten = script.replaceAll(CALL, (_, name: string, values: string, method: string, value: string) => {
    const given = values.split(', ');
    const labels = metrics.get(name)?.labelNames.map((label, index) => `${label}: ${given[index]}`) ?? [];
    return `metrics.${name}.${method}({ ${labels.join(', ')} }${value === '' ? '' : `, ${value}`})`;
  });
  if (rewritten.includes('.labels(')) throw new Error('record.ts has a call that is not understood');
  return rewritten;
}
