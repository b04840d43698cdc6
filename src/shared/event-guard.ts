/**
 * Checks the events that come from another process. The primary adds them to its numbers and gives them to its circuits,
 * so an event with a missing or a wrong field would end the primary, or spoil totals that nothing can correct.
 *
 * Runs for each event of each worker: plain comparisons, nothing is allocated but for `tokens`.
 */
import { errorTable } from './errors.ts';
import {
  answerLosses,
  attemptOutcomes,
  connectionsDropped,
  cooldownReasons,
  droppedReasoning,
  MOST_COUNTED,
  MOST_NANO_USD,
  rejectReasons,
  servedTiers,
  serverTools,
  sessionMoves,
  streamOutcomes,
  tokenTypes,
  type Verdict,
  type WorkerEvent,
} from './events.ts';
import { asRecord, type JsonRecord } from './json.ts';

const outcomes: ReadonlySet<unknown> = new Set(attemptOutcomes);
const streamEnds: ReadonlySet<unknown> = new Set(streamOutcomes);
const rejections: ReadonlySet<unknown> = new Set(rejectReasons);
const cooldowns: ReadonlySet<unknown> = new Set(cooldownReasons);
const dropped: ReadonlySet<unknown> = new Set(connectionsDropped);
const reasoning: ReadonlySet<unknown> = new Set(droppedReasoning);
const moves: ReadonlySet<unknown> = new Set(sessionMoves);
const losses: ReadonlySet<unknown> = new Set(answerLosses);
const countedTokens: ReadonlySet<string> = new Set(tokenTypes);
const countedTools: ReadonlySet<string> = new Set(serverTools);
const tiers: ReadonlySet<unknown> = new Set(servedTiers);
const verdicts: ReadonlySet<unknown> = new Set(['success', 'failure', 'neutral'] satisfies Verdict[]);

/** Whether `value` is an event with all of its fields, and no number in it can make a count go down. */
export function isWorkerEvent(value: unknown): value is WorkerEvent {
  const event = asRecord(value);
  if (event === null) return false;
  const { provider, model } = event;
  // It may be anything; taken as one of the known types, so that the compiler finds one that is not checked here.
  const known = event.type as WorkerEvent['type'];
  switch (known) {
    case 'request-ended':
      return isText(provider) && isText(model) && isTextOrNone(event.upstreamModel) && isRequestEnd(event);
    case 'attempt-ended':
      return isText(provider) && isText(model) && isAttemptEnd(event);
    case 'probe-succeeded':
      return isText(provider) && isTextOrNull(model) && Number.isSafeInteger(event.lease);
    case 'cooldown-started':
      return (
        isText(provider) &&
        isTextOrNull(model) &&
        isTextOrNone(event.key) &&
        cooldowns.has(event.reason) &&
        (event.retryAfterMs === null || isAmount(event.retryAfterMs))
      );
    case 'retry':
    case 'circuit-rejection':
    case 'retry-budget-exhausted':
      return isText(provider);
    case 'failover':
      return isText(event.from) && isText(event.to);
    case 'key-failover':
      return isText(provider) && isText(event.key);
    case 'rejected':
      return rejections.has(event.reason);
    case 'connection-dropped':
      return dropped.has(event.reason);
    case 'label-overflow':
      return isText(event.label);
    case 'stream-ended':
      return isText(provider) && streamEnds.has(event.outcome);
    case 'first-content':
      return (
        isText(provider) &&
        isText(model) &&
        isTextOrNone(event.upstreamModel) &&
        isAmount(event.seconds) &&
        isTextOrNone(event.key)
      );
    case 'output-paced':
      return isText(provider) && isText(model) && isAmount(event.seconds);
    case 'tokens':
      return isText(provider) && isText(model) && isTextOrNone(event.upstreamModel) && isConsumption(event);
    case 'reasoning-dropped':
      return isText(provider) && reasoning.has(event.reason) && isCount(event.blocks);
    case 'answer-lost':
      return isText(provider) && losses.has(event.loss);
    case 'stream-opened':
      return isText(model);
    case 'session-moved':
      return moves.has(event.reason);
    case 'client-retry':
      return true;
    case 'unconfirmed':
      return isCount(event.responses);
    case 'events-dropped':
    case 'log-lines-dropped':
    case 'spans-dropped':
      return isCount(event.count);
    default:
      known satisfies never;
      return false;
  }
}

function isRequestEnd({ status, code, seconds, overheadSeconds, endpoint }: JsonRecord): boolean {
  const isKnown = typeof code === 'string' && Object.hasOwn(errorTable, code);
  return (
    (status === 'success' || status === 'error') &&
    (code === undefined || isKnown) &&
    isAmount(seconds) &&
    isAmount(overheadSeconds) &&
    isText(endpoint)
  );
}

function isAttemptEnd(event: JsonRecord): boolean {
  const { outcome, seconds, verdict, providerVerdict, keyVerdict, request, attempt, targetAttempt, retryAfterMs } =
    event;
  return (
    outcomes.has(outcome) &&
    isAmount(seconds) &&
    verdicts.has(verdict) &&
    (providerVerdict === undefined || verdicts.has(providerVerdict)) &&
    (keyVerdict === undefined || verdicts.has(keyVerdict)) &&
    isTextOrNone(event.key) &&
    isTextOrNone(event.end) &&
    isCount(request) &&
    isCount(attempt) &&
    (targetAttempt === undefined || isCount(targetAttempt)) &&
    (event.body === undefined || Number.isFinite(event.body)) &&
    (event.lease === undefined || Number.isSafeInteger(event.lease)) &&
    (retryAfterMs === undefined || isAmount(retryAfterMs))
  );
}

function isConsumption({ key, nanoUsd, counts, serverTools: uses, tier }: JsonRecord): boolean {
  return (
    isText(key) &&
    (nanoUsd === null || (isCount(nanoUsd) && nanoUsd <= MOST_NANO_USD)) &&
    areCounts(counts, countedTokens) &&
    (uses === undefined || areCounts(uses, countedTools)) &&
    (tier === undefined || tiers.has(tier))
  );
}

function areCounts(value: unknown, kinds: ReadonlySet<string>): boolean {
  const counts = asRecord(value);
  if (counts === null) return false;
  for (const kind in counts) {
    const count = counts[kind];
    if (!kinds.has(kind) || !isCount(count) || count > MOST_COUNTED) return false;
  }
  return true;
}

/** Whether a value is a verdict of an attempt. */
export function isVerdict(value: unknown): value is Verdict {
  return verdicts.has(value);
}

/** Whether a value is a finite number that is not negative. */
function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** Whether a value is a whole number that is not negative. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
