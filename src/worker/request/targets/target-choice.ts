/**
 * Chooses the next target of a request, and the key for it. It checks the candidates of `routing.ts` in order: deadline,
 * back-off, circuit, cooldown, probe lease, retry budget. The target that it returns may be asked immediately.
 *
 * Before all of them comes the same target with another key, where the last one has begun to cool down: that is no retry
 * and no failover, so nothing is waited for, and nothing is paid for it.
 */
import type { ModelConfig, TargetConfig } from '../../../shared/config.ts';
import type { LeftOut, LeftOutReason } from '../../../shared/left-out.ts';
import { quickRetryMs } from '../../policies/backoff.ts';
import { candidates, retriesFirst } from '../../policies/routing.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { LastFailure } from '../attempt-history.ts';
import { timeLimitMs } from '../client-deadline.ts';
import { anotherIsUsable, type Candidate, candidateAt, mayRepeat } from './candidate.ts';
import { releaseLease, type TargetChoice, withKey } from './chosen-target.ts';
import { hasDeclined, keysLeft, keysOf } from './keys.ts';
import { firstIndex, orderOf } from './order.ts';
import { hasOwnKey, waitForOwn } from './own-target.ts';
import { backOff, pause, takeRetry, type Waited, waitForCooldown } from './retry-waits.ts';

export type Choice =
  | TargetChoice
  /**
   * No target may be asked now. `why` is `circuits` if a circuit is among what excludes targets: it may close in a moment.
   * If all of it are cooldowns, it is `cooldowns`, or `keys` or `models` if none of them is a 429's. It is `time` if nothing
   * is in the way but the request's deadline.
   */
  | { readonly kind: 'none'; readonly leftOut: readonly LeftOut[]; readonly why: NoneReason };

type NoneReason = 'circuits' | 'cooldowns' | 'keys' | 'models' | 'time';

/** Why the checked targets were left out. */
interface Exclusions {
  /** By the target's index. */
  readonly leftOut: Map<number, LeftOut>;
  probeDenied: boolean;
}

/** How long a request without another target waits for the verdict of another request's probe. */
const PROBE_WAIT_MS = 50;

const none: Choice = { kind: 'none', leftOut: [], why: 'circuits' };

/**
 * The fast path for nearly every request: the first target that can take it, if the request has asked none yet and the
 * target is available. It is synchronous. Null: call `chooseTarget`.
 */
export function firstChoice(request: ActiveRequest, model: ModelConfig): TargetChoice | null {
  if (!request.history.isEmpty) return null;
  const candidate = candidateAt(request, model, firstIndex(request, model));
  if (candidate === null) return null;
  const { target, provider } = candidate;
  const inTime = request.elapsedMs() < timeLimitMs(request, target);
  const keys = keysOf(request, provider);
  if (!inTime || request.plane.gate.state(target.provider, target.model, keys).kind !== 'available') return null;
  const choice = withKey(request, model, candidate, keys);
  // A session that would leave its key may wait for it.
  return choice === null || hasOwnKey(request, model, choice) ? choice : null;
}

/**
 * Finds the next target; waits for back-off, probes and short cooldowns if needed. A request that is cancelled
 * meanwhile gets no target and holds no lease.
 */
export async function chooseTarget(request: ActiveRequest, model: ModelConfig): Promise<Choice> {
  const exclusions: Exclusions = { leftOut: new Map(), probeDenied: false };
  let chosen = withoutLease(request, model, request.session === null ? null : await waitForOwn(request, model));
  chosen ??= await withNextKey(request, model);
  chosen ??= await findTarget(request, model, exclusions);
  if (chosen === null && exclusions.probeDenied && (await pause(request, PROBE_WAIT_MS))) {
    chosen = await findTarget(request, model, exclusions);
  }
  chosen ??= withoutLease(request, model, await waitForCooldown(request, model));
  if (isCancelled(request)) {
    if (chosen !== null) releaseLease(request, chosen);
    return none;
  }
  const leftOut = [...exclusions.leftOut.values()];
  for (const { provider, reason } of leftOut) {
    if (isOfCircuit(reason) && provider !== chosen?.provider.name) countRejection(request, provider);
  }
  if (chosen !== null) return chosen;
  request.history.without([...exclusions.leftOut]);
  return { kind: 'none', leftOut, why: whyNone(leftOut.map(({ reason }) => reason)) };
}

function withoutLease(request: ActiveRequest, model: ModelConfig, waited: Waited | null): TargetChoice | null {
  return waited === null ? null : withKey(request, model, waited.candidate, waited.keys);
}

/** The target that was asked last, if its key has begun to cool down and another one has not been tried there. */
async function withNextKey(request: ActiveRequest, model: ModelConfig): Promise<TargetChoice | null> {
  const { history } = request;
  const { lastFailureHere: last } = history;
  // What could not be made ready for another key is not tried for a third one.
  if (last === null || last.judgement.cooldown === null || history.isSkipped(last.index)) return null;
  const candidate = candidateAt(request, model, last.index);
  if (candidate === null || candidate.provider.keys.length === 1) return null;
  const { target, provider } = candidate;
  if (request.elapsedMs() >= timeLimitMs(request, target)) return null;
  const keys = keysLeft(request, provider).filter(({ name }) => !history.isSpent(name, target));
  if (keys.length === 0) return null;
  const { kind } = request.plane.gate.state(provider.name, target.model, keys);
  if (kind === 'available') return withKey(request, model, candidate, keys, { takesOver: true });
  const lease = kind === 'probe-due' ? await requestLease(request, target) : null;
  return lease === null ? null : withKey(request, model, candidate, keys, { lease, takesOver: true });
}

function whyNone(reasons: readonly LeftOutReason[]): NoneReason {
  if (reasons.some(isOfCircuit)) return 'circuits';
  if (reasons.length === 0) return 'time';
  if (reasons.some((reason) => reason !== 'auth' && reason !== 'model')) return 'cooldowns';
  return reasons.includes('auth') ? 'keys' : 'models';
}

function isOfCircuit(reason: LeftOutReason): boolean {
  return reason === 'circuit' || reason === 'probe';
}

async function findTarget(
  request: ActiveRequest,
  model: ModelConfig,
  exclusions: Exclusions,
): Promise<TargetChoice | null> {
  const { lastFailureHere: lastFailure, tried, failoverIsUsed } = request.history;
  const repeat = lastFailure === null ? null : repeatOf(request, model, lastFailure);
  const progress = {
    last: lastFailure?.index ?? null,
    next: lastFailure?.judgement.next ?? null,
    tried,
    mayRepeat: mayRepeat(request, model),
    retryFirst: repeat?.first ?? true,
    failoverIsUsed,
  };
  for (const index of candidates(orderOf(request, model), progress)) {
    const candidate = candidateAt(request, model, index);
    if (candidate === null) continue;
    const lease = await permit(request, candidate, exclusions, repeat?.quickMs ?? null);
    const keys = keysLeft(request, candidate.provider);
    const choice = lease === 'refused' ? null : withKey(request, model, candidate, keys, { lease });
    if (choice !== null || isCancelled(request)) return choice;
  }
  return null;
}

/** Whether a retry at the failed target comes before another one, and the wait before it if it is a quick one. */
function repeatOf(request: ActiveRequest, model: ModelConfig, { provider, failure }: LastFailure) {
  const otherIsUsable = anotherIsUsable(request, model);
  const retry = request.config.providers[provider]?.retry;
  if (!otherIsUsable || retry === undefined) return { first: true, quickMs: null };
  const quickMs = quickRetryMs(retry, request.plane.random(), failure.retryAfterMs ?? null);
  const first = retriesFirst(otherIsUsable, request.history.triesAt(provider), quickMs);
  return { first, quickMs: first ? quickMs : null };
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
  const { history } = request;
  const { gate } = request.plane;
  const { index, target, provider } = candidate;
  if (request.elapsedMs() >= timeLimitMs(request, target) || hasDeclined(request, provider)) return 'refused';
  const keys = keysLeft(request, provider);
  const repeats = history.lastFailureHere !== null && history.provider === provider.name;
  // Another model of the same provider need not wait: the back-off is only for the target that failed.
  if (index === history.lastFailureHere?.index && gate.state(provider.name, target.model, keys).kind === 'available') {
    if (!(await backOff(request, candidate, quickMs))) return 'refused';
  }
  const state = gate.state(provider.name, target.model, keys);
  const leaveOut = (reason: LeftOutReason, remainingMs: number) =>
    exclusions.leftOut.set(index, { provider: provider.name, reason, remainingMs });
  switch (state.kind) {
    case 'available':
      return repeats && !takeRetry(request, provider) ? 'refused' : null;
    case 'cooling-down':
      leaveOut(state.reason, state.remainingMs);
      return 'refused';
    case 'probe-due': {
      const lease = await requestLease(request, target);
      if (lease === null) {
        exclusions.probeDenied = true;
        leaveOut('probe', PROBE_WAIT_MS);
        return 'refused';
      }
      if (!repeats || takeRetry(request, provider)) return lease;
      gate.release(target, lease);
      return 'refused';
    }
    case 'open':
      leaveOut('circuit', state.remainingMs);
      return 'refused';
    default:
      return state satisfies never;
  }
}

/** Counts the rejection by a provider's circuit, once per request and provider. */
function countRejection(request: ActiveRequest, provider: string): void {
  if (request.history.rejected(provider)) request.plane.outbox.push({ type: 'circuit-rejection', provider });
}

async function requestLease(request: ActiveRequest, target: TargetConfig): Promise<number | null> {
  request.waiting.start('turn');
  const lease = await request.plane.gate.acquireProbe(target, request.number);
  request.waiting.stop();
  return lease;
}

function isCancelled(request: ActiveRequest): boolean {
  return request.cancellation.reason !== null;
}
