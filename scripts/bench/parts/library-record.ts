/**
 * Replaces `record.ts` in the comparison of `parts.ts`: the same fold, with prom-client's own calls. An object of
 * labels is created for each.
 */
import { tokenTypes, type WorkerEvent } from '../../../src/shared/events.ts';
import type { FoldedHistogram } from '../../../src/shared/metrics/folded-metric.ts';
import type { GatewayMetrics } from '../../../src/shared/metrics/metrics.ts';
import type { Counter, Histogram } from '../../../src/shared/metrics/prom.ts';

/** The gateway's metrics, each as the library's own class. */
type LibraryMetrics = {
  readonly [K in keyof GatewayMetrics]: GatewayMetrics[K] extends FoldedHistogram<readonly string[]>
    ? Histogram<string>
    : Counter<string>;
};

export function record(metrics: LibraryMetrics, event: WorkerEvent): void {
  switch (event.type) {
    case 'request-ended': {
      const { provider, status, model } = event;
      metrics.requests.inc({ provider, status, model });
      metrics.requestDuration.observe({ provider, status }, event.seconds);
      metrics.gatewayOverhead.observe({ endpoint: event.endpoint }, event.overheadSeconds);
      return;
    }
    case 'attempt-ended':
      metrics.attempts.inc({ provider: event.provider, outcome: event.outcome });
      metrics.attemptDuration.observe({ provider: event.provider }, event.seconds);
      return;
    case 'retry':
      metrics.retries.inc({ provider: event.provider });
      return;
    case 'failover':
      metrics.failovers.inc({ from: event.from, to: event.to });
      return;
    case 'circuit-rejection':
      metrics.circuitRejections.inc({ provider: event.provider });
      return;
    case 'retry-budget-exhausted':
      metrics.retryBudgetExhausted.inc({ provider: event.provider });
      return;
    case 'rejected':
      metrics.rejected.inc({ reason: event.reason });
      return;
    case 'label-overflow':
      metrics.labelOverflow.inc({ label: event.label });
      return;
    case 'stream-ended':
      metrics.streams.inc({ provider: event.provider, outcome: event.outcome });
      return;
    case 'first-content':
      metrics.timeToFirstContent.observe({ provider: event.provider, model: event.model }, event.seconds);
      return;
    case 'output-paced':
      metrics.timePerOutputToken.observe({ provider: event.provider, model: event.model }, event.seconds);
      return;
    case 'tokens':
      for (const type of tokenTypes) {
        const count = event.counts[type];
        if (count !== undefined) metrics.tokens.inc({ provider: event.provider, model: event.model, type }, count);
      }
      return;
    case 'unconfirmed':
      metrics.unconfirmed.inc(event.responses);
      return;
    case 'events-dropped':
      metrics.eventsDropped.inc(event.count);
      return;
    case 'probe-committed':
    case 'cooldown-started':
      return;
    default:
      event satisfies never;
  }
}
