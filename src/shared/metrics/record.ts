/**
 * Adds an event to the metrics. The workers and the primary's replay of a dead worker's tail both use it, so that both
 * compute the same numbers. It changes counters and histograms only, makes no decisions and has no other effect.
 */
import { errorTable } from '../errors.ts';
import { serverTools, type TokensCounted, tokenTypes, type WorkerEvent } from '../events.ts';
import type { GatewayMetrics } from './metrics.ts';
import { addSpend } from './spend.ts';

/** Adds one event to `metrics`. Events that only concern circuits and cooldowns change nothing here. */
export function record(metrics: GatewayMetrics, event: WorkerEvent): void {
  switch (event.type) {
    case 'request-ended': {
      const { provider, status } = event;
      metrics.requests.labels(provider, status, event.model).inc();
      metrics.requestDuration.labels(provider, status).observe(event.seconds);
      metrics.gatewayOverhead.labels(event.endpoint).observe(event.overheadSeconds);
      if (event.code !== undefined) {
        metrics.requestErrors.labels(errorTable[event.code].owner, event.code, event.model).inc();
      }
      return;
    }
    case 'attempt-ended':
      metrics.attempts.labels(event.provider, event.outcome).inc();
      metrics.attemptDuration.labels(event.provider).observe(event.seconds);
      return;
    case 'retry':
      metrics.retries.labels(event.provider).inc();
      return;
    case 'failover':
      metrics.failovers.labels(event.from, event.to).inc();
      return;
    case 'key-failover':
      metrics.keyFailovers.labels(event.provider, event.key).inc();
      return;
    case 'circuit-rejection':
      metrics.circuitRejections.labels(event.provider).inc();
      return;
    case 'retry-budget-exhausted':
      metrics.retryBudgetExhausted.labels(event.provider).inc();
      return;
    case 'rejected':
      metrics.rejected.labels(event.reason).inc();
      return;
    case 'connection-dropped':
      metrics.connectionsDropped.labels(event.reason).inc();
      return;
    case 'label-overflow':
      metrics.labelOverflow.labels(event.label).inc();
      return;
    case 'stream-ended':
      metrics.streams.labels(event.provider, event.outcome).inc();
      return;
    case 'first-content':
      metrics.timeToFirstContent.labels(event.provider, event.model).observe(event.seconds);
      return;
    case 'output-paced':
      metrics.timePerOutputToken.labels(event.provider, event.model).observe(event.seconds);
      return;
    case 'tokens':
      recordTokens(metrics, event);
      return;
    case 'reasoning-dropped':
      metrics.reasoningDropped.labels(event.provider, event.reason).inc(event.blocks);
      return;
    case 'answer-lost':
      metrics.answerLosses.labels(event.provider, event.loss).inc();
      return;
    case 'stream-opened':
      metrics.streamsOpenedEarly.labels(event.model).inc();
      return;
    case 'session-moved':
      metrics.sessionMoves.labels(event.reason).inc();
      return;
    case 'client-retry':
      metrics.clientRetries.labels().inc();
      return;
    case 'unconfirmed':
      metrics.unconfirmed.labels().inc(event.responses);
      return;
    case 'events-dropped':
      metrics.eventsDropped.labels().inc(event.count);
      return;
    case 'log-lines-dropped':
      metrics.logLinesDropped.labels().inc(event.count);
      return;
    case 'spans-dropped':
      metrics.spansDropped.labels().inc(event.count);
      return;
    case 'probe-succeeded':
    case 'cooldown-started':
      return;
    default:
      event satisfies never;
  }
}

function recordTokens(metrics: GatewayMetrics, event: TokensCounted): void {
  const { provider, model, key, counts, nanoUsd, serverTools: uses, tier } = event;
  for (const kind of tokenTypes) {
    const count = counts[kind];
    if (count !== undefined) metrics.tokens.labels(provider, model, kind).inc(count);
  }
  if (nanoUsd === null) metrics.unpriced.labels(provider, model).inc();
  else metrics.cost.labels(provider, model).inc(nanoUsd);
  addSpend(event, (unit, amount) => metrics.spend.labels(provider, model, key, unit).inc(amount));
  if (tier !== undefined) metrics.servedTiers.labels(provider, model, tier).inc();
  if (uses === undefined) return;
  for (const tool of serverTools) {
    const count = uses[tool];
    if (count !== undefined) metrics.serverToolUses.labels(provider, model, tool).inc(count);
  }
}
