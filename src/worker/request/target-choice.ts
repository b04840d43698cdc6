/**
 * Chooses the next target of a request. It checks the candidates of `routing.ts` in order: circuit, cooldown, probe
 * lease, retry budget, back-off, deadline. The target that it returns may be asked immediately.
 */
import type { ModelConfig, ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { backoffMs, quickRetryMs } from '../policies/backoff.ts';
import { candidates, retriesFirst } from '../policies/routing.ts';
import type { ActiveRequest, LastFailure } from './active-request.ts';

export type Choice =
  | {
      readonly kind: 'target';
      readonly index: number;
      readonly target: TargetConfig;
      readonly provider: ProviderConfig;
      /** Permission to probe; the caller must use it or release it. Null: no lease is needed. */
      readonly lease: number | null;
    }
  /**
   * No target may be asked now. `soonestMs`: time until the first circuit or cooldown ends, null without any. `why` is
   * `cooldowns` if only cooldowns exclude targets, `keys` if each of those follows a refused key, else `circuits`.
   */
  | { readonly kind: 'none'; readonly soonestMs: number | null; readonly why: NoneReason };

/** What is in the way of all targets: a circuit among others, cooldowns after 429s, refused keys, models not served. */
type NoneReason = 'circuits' | 'cooldowns' | 'keys' | 'models';

type TargetChoice = Extract<Choice, { kind: 'target' }>;

/** A target to check, with its index and its provider. */
type Candidate = Omit<TargetChoice, 'kind' | 'lease'>;

/** Why the checked targets were left out. */
interface Exclusions {
  soonestMs: number | null;
  /** Number of targets that cool down. */
  coolingDown: number;
  /** Those of the cooling ones whose provider refused our key, or does not serve the model. */
  refusedKeys: number;
  missingModels: number;
  /** Providers whose circuit, or whose target's, was in the way. */
  readonly open: Set<string>;
  probeDenied: boolean;
}

/** After a 429, a request without another target waits for a cooldown that is shorter than this. */
const LONGEST_COOLDOWN_WAIT_MS = 10_000;

/** How long a request without another target waits for the verdict of another request's probe. */
const PROBE_WAIT_MS = 50;

const none: Choice = { kind: 'none', soonestMs: null, why: 'circuits' };

/**
 * The fast path for nearly every request: the first target, if the request has tried none yet and the target is
 * available. It is synchronous. Null: call `chooseTarget`.
 */
export function firstChoice(request: ActiveRequest, model: ModelConfig): TargetChoice | null {
  if (request.tried.length > 0) return null;
  const candidate = candidateAt(request, model, 0);
  if (candidate === null) return null;
  const { target, provider } = candidate;
  const inTime = request.elapsedMs() < target.timeouts.totalMs;
  if (!inTime || request.plane.gate.state(provider.name, target.model).kind !== 'available') return null;
  return { kind: 'target', index: 0, target, provider, lease: null };
}

/**
 * Finds the next target; waits for back-off, probes and short cooldowns if needed. A request that is cancelled
 * meanwhile gets no target and holds no lease.
 */
export async function chooseTarget(request: ActiveRequest, model: ModelConfig): Promise<Choice> {
  const exclusions: Exclusions = {
    soonestMs: null,
    coolingDown: 0,
    refusedKeys: 0,
    missingModels: 0,
    open: new Set(),
    probeDenied: false,
  };
  let chosen = await findTarget(request, model, exclusions);
  if (chosen === null && exclusions.probeDenied && (await pause(request, PROBE_WAIT_MS))) {
    chosen = await findTarget(request, model, exclusions);
  }
  chosen ??= await waitForCooldown(request, model);
  if (isCancelled(request)) {
    if (chosen !== null) releaseLease(request, chosen);
    return none;
  }
  for (const provider of exclusions.open) if (provider !== chosen?.provider.name) countRejection(request, provider);
  if (chosen !== null) return chosen;
  return { kind: 'none', soonestMs: exclusions.soonestMs, why: whyNone(exclusions) };
}

function whyNone({ coolingDown, refusedKeys, missingModels, open }: Exclusions): NoneReason {
  if (coolingDown === 0 || open.size > 0) return 'circuits';
  if (refusedKeys + missingModels < coolingDown) return 'cooldowns';
  return refusedKeys > 0 ? 'keys' : 'models';
}

/** Releases the lease of a chosen target that will not be asked. */
export function releaseLease(request: ActiveRequest, { lease, target }: TargetChoice): void {
  if (lease !== null) request.plane.gate.release(target, lease);
}

async function findTarget(
  request: ActiveRequest,
  model: ModelConfig,
  exclusions: Exclusions,
): Promise<TargetChoice | null> {
  const { lastFailure } = request;
  const repeat = lastFailure === null ? null : repeatOf(request, model, lastFailure);
  const progress = {
    last: lastFailure?.index ?? null,
    next: lastFailure?.judgement.next ?? null,
    tried: request.tried,
    mayRepeat: mayRepeat(request, model),
    retryFirst: repeat?.first ?? true,
    failoverIsUsed: request.emptyAnswers > 1,
  };
  for (const index of candidates(model.targets.length, progress)) {
    const candidate = candidateAt(request, model, index);
    if (candidate === null) continue;
    const lease = await permit(request, candidate, exclusions, repeat?.quickMs ?? null);
    if (lease !== 'refused') return { kind: 'target', ...candidate, lease };
    if (isCancelled(request)) return null;
  }
  return null;
}

/** Whether a retry at the failed target comes before another one, and the wait before it if it is a quick one. */
function repeatOf(request: ActiveRequest, model: ModelConfig, { index, provider, failure }: LastFailure) {
  const otherIsUsable = model.targets.some((_, other) => other !== index && isUsable(request, model, other));
  const retry = request.config.providers[provider]?.retry;
  if (!otherIsUsable || retry === undefined) return { first: true, quickMs: null };
  const quickMs = quickRetryMs(retry, request.plane.random(), failure.retryAfterMs ?? null);
  const first = retriesFirst(otherIsUsable, request.attemptsAt(provider), quickMs);
  return { first, quickMs: first ? quickMs : null };
}

/** Whether a target was not tried and nothing excludes it now. */
function isUsable(request: ActiveRequest, model: ModelConfig, index: number): boolean {
  if (request.tried.includes(index)) return false;
  const candidate = candidateAt(request, model, index);
  return (
    candidate !== null && request.plane.gate.state(candidate.provider.name, candidate.target.model).kind === 'available'
  );
}

/**
 * The lease to use (null: none needed), or `refused` with the reason noted among the exclusions.
 *
 * @param quickMs the wait before a quick retry; null for the usual back-off
 */
async function permit(
  request: ActiveRequest,
  candidate: Candidate,
  exclusions: Exclusions,
  quickMs: number | null,
): Promise<number | null | 'refused'> {
  const { gate } = request.plane;
  const { index, target, provider } = candidate;
  if (request.elapsedMs() >= target.timeouts.totalMs || request.declinedBy.includes(provider.name)) return 'refused';
  const repeats = request.lastFailure !== null && request.provider === provider.name;
  // Another model of the same provider need not wait: the back-off is only for the target that failed.
  if (index === request.lastFailure?.index && gate.state(provider.name, target.model).kind === 'available') {
    if (!(await backOff(request, candidate, quickMs))) return 'refused';
  }
  const state = gate.state(provider.name, target.model);
  switch (state.kind) {
    case 'available':
      return repeats && !takeRetry(request, provider) ? 'refused' : null;
    case 'cooling-down':
      exclusions.coolingDown += 1;
      if (state.reason === 'auth') exclusions.refusedKeys += 1;
      else if (state.reason === 'model') exclusions.missingModels += 1;
      exclusions.soonestMs = soonest(exclusions.soonestMs, state.remainingMs);
      return 'refused';
    case 'probe-due': {
      const lease = await requestLease(request, target);
      if (lease === null) {
        exclusions.probeDenied = true;
        exclusions.open.add(provider.name);
        exclusions.soonestMs = soonest(exclusions.soonestMs, PROBE_WAIT_MS);
        return 'refused';
      }
      if (!repeats || takeRetry(request, provider)) return lease;
      gate.release(target, lease);
      return 'refused';
    }
    case 'open':
      exclusions.open.add(provider.name);
      exclusions.soonestMs = soonest(exclusions.soonestMs, state.remainingMs);
      return 'refused';
    default:
      return state satisfies never;
  }
}

/** Counts the rejection by a provider's circuit, once per request and provider. */
function countRejection(request: ActiveRequest, provider: string): void {
  if (request.rejectedBy.includes(provider)) return;
  request.rejectedBy.push(provider);
  request.plane.outbox.push({ type: 'circuit-rejection', provider });
}

async function requestLease(request: ActiveRequest, target: TargetConfig): Promise<number | null> {
  const { clock, gate } = request.plane;
  const startedMs = clock.nowMs();
  const lease = await gate.acquireProbe(target, request.number);
  request.waitedMs += clock.nowMs() - startedMs;
  return lease;
}

/** Waits before a repeat at the same target; false when deadline or budget forbid it or the client has left. */
async function backOff(
  request: ActiveRequest,
  { target, provider }: Candidate,
  quickMs: number | null,
): Promise<boolean> {
  const { plane, lastFailure } = request;
  const failures = request.attemptsAt(provider.name);
  const askedMs = lastFailure?.failure.retryAfterMs ?? null;
  const waitMs = quickMs ?? backoffMs(provider.retry, failures, plane.random(), askedMs);
  if (request.elapsedMs() + waitMs >= target.timeouts.totalMs) return false;
  return hasRetry(request, provider) && pause(request, waitMs);
}

/** Whether the budget has a retry now. It is taken only when the retry is sent. */
function hasRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  if (request.plane.hasRetry(provider)) return true;
  request.plane.outbox.push({ type: 'retry-budget-exhausted', provider: provider.name });
  return false;
}

function takeRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  return hasRetry(request, provider) && request.plane.withdrawRetry(provider);
}

/** After a 429 and without another target: waits for a short cooldown to end, then returns the same target. */
async function waitForCooldown(request: ActiveRequest, model: ModelConfig): Promise<TargetChoice | null> {
  const { plane, lastFailure } = request;
  if (lastFailure === null || lastFailure.judgement.cooldown !== 'rate_limited' || !mayRepeat(request, model))
    return null;
  const candidate = candidateAt(request, model, lastFailure.index);
  if (candidate === null || request.declinedBy.includes(candidate.provider.name)) return null;
  const { target, provider } = candidate;
  const latestMs = plane.clock.nowMs() + LONGEST_COOLDOWN_WAIT_MS;
  if (!isShortCooldown(request, target, latestMs) || !hasRetry(request, provider)) return null;
  for (;;) {
    const state = plane.gate.state(target.provider, target.model);
    if (state.kind === 'available') {
      return takeRetry(request, provider) ? { kind: 'target', ...candidate, lease: null } : null;
    }
    // Another worker's 429 may have made the cooldown longer meanwhile.
    if (state.kind !== 'cooling-down' || !isShortCooldown(request, target, latestMs)) return null;
    if (!(await pause(request, Math.ceil(state.remainingMs)))) return null;
  }
}

/** Whether the target's cooldown, if it has one, ends before `latestMs` and before the request's deadline. */
function isShortCooldown(request: ActiveRequest, target: TargetConfig, latestMs: number): boolean {
  const { gate, clock } = request.plane;
  const state = gate.state(target.provider, target.model);
  const endsMs = clock.nowMs() + (state.kind === 'cooling-down' ? state.remainingMs : 0);
  return endsMs < Math.min(latestMs, request.startedMs + target.timeouts.totalMs);
}

function mayRepeat(request: ActiveRequest, model: ModelConfig): boolean {
  const last = request.lastFailure === null ? null : candidateAt(request, model, request.lastFailure.index);
  return last !== null && request.attemptsAt(last.provider.name) < last.provider.retry.attempts;
}

function candidateAt(request: ActiveRequest, model: ModelConfig, index: number): Candidate | null {
  const target = model.targets[index];
  const provider = target && request.config.providers[target.provider];
  return target === undefined || provider === undefined ? null : { index, target, provider };
}

function isCancelled(request: ActiveRequest): boolean {
  return request.cancellation.reason !== null;
}

function soonest(known: number | null, remainingMs: number): number {
  return known === null ? remainingMs : Math.min(known, remainingMs);
}

/** Waits; false if the request was cancelled meanwhile. */
async function pause(request: ActiveRequest, delayMs: number): Promise<boolean> {
  const { clock } = request.plane;
  const { cancellation } = request;
  const startedMs = clock.nowMs();
  await new Promise<void>((resolve) => {
    const timer = clock.after(delayMs, resolve);
    cancellation.watch(() => {
      timer.cancel();
      resolve();
    });
  });
  cancellation.unwatch();
  request.waitedMs += clock.nowMs() - startedMs;
  return !isCancelled(request);
}
