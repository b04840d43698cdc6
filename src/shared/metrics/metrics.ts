/**
 * Every metric that is a fold over events, declared in one place. The same set is made in each worker's registry, in
 * the primary's own (where it holds the initial zeros) and in the registries that replay a dead worker's tail.
 *
 * Counters and histograms only: gauges belong to whoever can set them now, and vanish with their process.
 */
import { createHash } from 'node:crypto';
import { errorTable, modelErrors } from '../errors.ts';
import {
  answerLosses,
  attemptOutcomes,
  connectionsDropped,
  droppedReasoning,
  rejectReasons,
  sessionMoves,
  streamOutcomes,
} from '../events.ts';
import { FoldedCounter, FoldedHistogram } from './folded-metric.ts';
import { shapesOf } from './metric-shape.ts';
import { Registry } from './prom.ts';
import { COST } from './shown.ts';
import { SPEND_METRIC, spendLabels } from './spend.ts';

/** Buckets in seconds. The first list is the specification's, exactly; the GenAI ones are OpenTelemetry's. */
const requestBuckets = [0.1, 0.5, 1, 2, 5, 10, 30];
const attemptBuckets = [
  0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
];
const firstContentBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300,
];
const outputTokenBuckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];
const overheadBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/**
 * Steps of a second in sums. Each request in flight adds a second in a second, so with 10,000 of them at all times a sum is
 * exact for 27 years on the coarse grid, and for ten days on the fine one, which is for what is short and not as long as a
 * request: the gateway's own time, and that of one token.
 */
const COARSE = 2 ** 10;
const FINE = 2 ** 20;

/** The metrics of one registry, each under the name of what it counts. */
export type GatewayMetrics = ReturnType<typeof createMetrics>;

/** Declares the whole set in `registry`, all empty. A registry takes it once. */
export function createMetrics(registry: Registry) {
  const counter = <const N extends readonly string[]>(name: string, help: string, labelNames: N) =>
    new FoldedCounter<N>(registry, { name, help, labelNames });
  const histogram = <const N extends readonly string[]>(
    name: string,
    help: string,
    labelNames: N,
    buckets: readonly number[],
    stepsPerUnit: number,
  ) => new FoldedHistogram<N>(registry, { name, help, labelNames, buckets, stepsPerUnit });
  return {
    requests: counter('llm_requests_total', 'Requests by their last provider, status and model', [
      'provider',
      'status',
      'model',
    ]),
    requestErrors: counter(
      'llm_request_errors_total',
      'Requests that ended in an error, by who has to act and by code',
      ['owner', 'code', 'model'],
    ),
    requestDuration: histogram(
      'llm_request_duration_seconds',
      'Time from a request until its terminal is handed over',
      ['provider', 'status'],
      requestBuckets,
      COARSE,
    ),
    retries: counter('llm_retry_total', 'Further attempts at the same provider', ['provider']),
    failovers: counter(
      'llm_failover_total',
      'Moves of a request from one provider to another, or to the provider of a fallback model',
      ['from', 'to'],
    ),
    keyFailovers: counter(
      'llm_key_failovers_total',
      'Further attempts at the same target with another key, by the key that has begun to cool down',
      ['provider', 'key'],
    ),
    attempts: counter('llm_attempts_total', 'Attempts by provider and outcome', ['provider', 'outcome']),
    attemptDuration: histogram(
      'llm_attempt_duration_seconds',
      'Time of one attempt',
      ['provider'],
      attemptBuckets,
      COARSE,
    ),
    timeToFirstContent: histogram(
      'llm_time_to_first_content_seconds',
      'Time from a request until the first content of its stream',
      ['provider', 'model'],
      firstContentBuckets,
      COARSE,
    ),
    timePerOutputToken: histogram(
      'llm_time_per_output_token_seconds',
      'Time per output token after the first content',
      ['provider', 'model'],
      outputTokenBuckets,
      FINE,
    ),
    gatewayOverhead: histogram(
      'llm_gateway_overhead_seconds',
      'Request time less the time spent waiting for providers',
      ['endpoint'],
      overheadBuckets,
      FINE,
    ),
    streams: counter('llm_streams_total', 'Streams that reached their first content, by how they ended', [
      'provider',
      'outcome',
    ]),
    streamsOpenedEarly: counter(
      'llm_streams_opened_early_total',
      'Streams that were begun before their first content, to keep the connection warm',
      ['model'],
    ),
    reasoningDropped: counter(
      'llm_reasoning_dropped_total',
      'Blocks of reasoning that a provider left out of a request, as it said, or that were left out because it refused them',
      ['provider', 'reason'],
    ),
    answerLosses: counter(
      'llm_answer_losses_total',
      "Answers of which something could not be said in the client's dialect",
      ['provider', 'loss'],
    ),
    tokens: counter(
      'llm_tokens_total',
      'Tokens as the providers counted them, and beside them those that were not counted, as estimated',
      ['provider', 'model', 'type'],
    ),
    serverToolUses: counter('llm_server_tool_uses_total', 'Uses of tools that the provider ran, as it counted them', [
      'provider',
      'model',
      'tool',
    ]),
    servedTiers: counter('llm_served_tiers_total', 'Answers by the service tier that the provider says it has served', [
      'provider',
      'model',
      'tier',
    ]),
    cost: counter(COST, 'What answers have cost in nano-dollars', ['provider', 'model']),
    unpriced: counter(
      'llm_unpriced_requests_total',
      'Answers that are not in llm_cost_usd_total: something was used whose price is not known',
      ['provider', 'model'],
    ),
    spend: counter(SPEND_METRIC, 'For the spend books: on no page', spendLabels),
    circuitRejections: counter('llm_circuit_rejections_total', 'Attempts not made because the circuit was open', [
      'provider',
    ]),
    retryBudgetExhausted: counter('llm_retry_budget_exhausted_total', 'Retries not made because the budget was spent', [
      'provider',
    ]),
    rejected: counter('llm_rejected_total', 'Requests turned away without an attempt', ['reason']),
    connectionsDropped: counter(
      'llm_connections_dropped_total',
      'Client connections closed because there were too many: an idle one, or a new one',
      ['reason'],
    ),
    sessionMoves: counter(
      'llm_session_moves_total',
      'Requests that were served by another target than the one that their session keeps to, by why',
      ['reason'],
    ),
    clientRetries: counter(
      'llm_client_retries_total',
      'Requests that their client says it has sent before, by the header of the official SDKs',
      [],
    ),
    labelOverflow: counter('llm_label_overflow_total', 'Label values outside their closed set that were replaced', [
      'label',
    ]),
    eventsDropped: counter(
      'llm_events_dropped_total',
      'Events not sent because the pipe was full; the next snapshot repairs the counts',
      [],
    ),
    logLinesDropped: counter(
      'llm_log_lines_dropped_total',
      'Log lines that were not written because the log is full or nobody reads it',
      [],
    ),
    spansDropped: counter(
      'llm_trace_spans_dropped_total',
      'Spans of traces that did not reach the collector, or found no place in the queue',
      [],
    ),
    unconfirmed: counter(
      'llm_unconfirmed_responses_total',
      'Responses let go before the pipe had taken their events',
      [],
    ),
  };
}

/** A model's providers by the levels in which they are asked; those of one level in any order. */
type KnownLevels = readonly (readonly string[])[];

/** What label values exist, by configuration: enough to begin every known series at 0. */
export interface KnownLabels {
  readonly providers: readonly string[];
  /**
   * What each model asks for its requests: its own levels, then those of the models that it falls back to, in the order in
   * which these are asked.
   */
  readonly models: ReadonlyMap<string, readonly KnownLevels[]>;
  /** The names of the keys of providers that have several. */
  readonly keys: readonly { readonly provider: string; readonly key: string }[];
  /** Providers that get requests which name no model. */
  readonly stores: readonly string[];
}

/** The kinds of tokens that any answer may have. */
const bornTokens = ['input', 'output', 'estimated', 'estimated_input'] as const;

/**
 * Begins the series whose labels are known at 0: Prometheus sees no increase in a series that begins with one. Left out is
 * what is rare (tools, tiers) and what is large: histograms of each model.
 */
export function initialiseZeros(metrics: GatewayMetrics, known: KnownLabels): void {
  for (const provider of known.providers) {
    for (const status of ['success', 'error']) metrics.requestDuration.labels(provider, status);
    for (const outcome of attemptOutcomes) metrics.attempts.labels(provider, outcome);
    for (const outcome of streamOutcomes) metrics.streams.labels(provider, outcome);
    for (const loss of answerLosses) metrics.answerLosses.labels(provider, loss);
    for (const reason of droppedReasoning) metrics.reasoningDropped.labels(provider, reason);
    metrics.retries.labels(provider);
    metrics.circuitRejections.labels(provider);
    metrics.retryBudgetExhausted.labels(provider);
    metrics.attemptDuration.labels(provider);
    // So that a sum over its models is there before any of these has had a stream.
    metrics.timeToFirstContent.labels(provider, 'other');
  }
  for (const { provider, key } of known.keys) metrics.keyFailovers.labels(provider, key);
  // Requests that were refused before any provider was asked.
  metrics.requestDuration.labels('unknown', 'error');
  for (const model of [...known.models.keys(), 'other']) metrics.requests.labels('unknown', 'error', model);
  for (const [model, asked] of known.models) {
    metrics.streamsOpenedEarly.labels(model);
    for (const [code, owner] of modelErrors) metrics.requestErrors.labels(owner, code, model);
    for (const provider of asked.flat(2)) {
      for (const status of ['success', 'error']) metrics.requests.labels(provider, status, model);
      metrics.cost.labels(provider, model);
      metrics.unpriced.labels(provider, model);
      for (const kind of bornTokens) metrics.tokens.labels(provider, model, kind);
    }
    for (const [from, to] of failoversOf(asked)) metrics.failovers.labels(from, to);
  }
  for (const provider of known.stores) {
    for (const status of ['success', 'error']) metrics.requests.labels(provider, status, 'other');
  }
  for (const [code, { owner }] of Object.entries(errorTable)) metrics.requestErrors.labels(owner, code, 'other');
  for (const reason of rejectReasons) metrics.rejected.labels(reason);
  for (const reason of sessionMoves) metrics.sessionMoves.labels(reason);
  for (const reason of connectionsDropped) metrics.connectionsDropped.labels(reason);
  for (const label of ['model', 'provider']) metrics.labelOverflow.labels(label);
}

/**
 * The usual moves: within a level, to the next one; from the first level of the model to that of each fallback, perhaps at
 * the same provider; and from each model, by its first level or its last, to the one that follows.
 */
function* failoversOf(asked: readonly KnownLevels[]): Generator<readonly [from: string, to: string]> {
  for (const [index, levels] of asked.entries()) {
    for (const [level, providers] of levels.entries()) {
      const next = [...providers, ...(levels[level + 1] ?? [])];
      for (const from of providers) for (const to of next) if (to !== from) yield [from, to];
    }
    const [following = []] = asked[index + 1] ?? [];
    yield* between([...(levels[0] ?? []), ...(levels.at(-1) ?? [])], following);
    if (index > 0) yield* between(asked[0]?.[0] ?? [], levels[0] ?? []);
  }
}

function* between(some: readonly string[], others: readonly string[]): Generator<readonly [string, string]> {
  for (const from of some) for (const to of others) yield [from, to];
}

/**
 * A hash of the whole set: names, types, labels and buckets. A primary and its workers must have the same one, since the
 * primary replays events into a registry of its own and adds that to what the worker has sent. Files outlive a version
 * and are judged metric by metric instead.
 */
export function schemaHash(): string {
  const registry = new Registry();
  createMetrics(registry);
  const shapes = shapesOf(registry).map(({ name, type, labelNames, upperBounds }) => ({
    name,
    type,
    labelNames,
    upperBounds,
  }));
  return createHash('sha256').update(JSON.stringify(shapes)).digest('hex').slice(0, 16);
}
