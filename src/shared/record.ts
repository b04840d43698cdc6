/**
 * The fold: how an event becomes counts. Shared by the workers and by the primary's replay of a dead worker's tail, so
 * both arrive at the same numbers. It never judges, touches counters and histograms only, and has no other effect.
 */
import type { WorkerEvent } from './events.ts';
import type { GatewayMetrics } from './metrics.ts';

/** Folds one event into `metrics`. Events that only steer circuits and rests change nothing here. */
export function record(metrics: GatewayMetrics, event: WorkerEvent): void {
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
      metrics.tokens.inc({ provider: event.provider, model: event.model, type: event.kind }, event.count);
      return;
    case 'unconfirmed':
      metrics.unconfirmed.inc(event.responses);
      return;
    case 'events-dropped':
      metrics.eventsDropped.inc(event.count);
      return;
    case 'probe-committed':
    case 'target-rested':
      return;
    default:
      event satisfies never;
  }
}
