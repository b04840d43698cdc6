/**
 * What a request does before it asks a provider again: it waits, for the back-off or for the end of a short cooldown, and
 * takes a retry from the provider's budget. The budget is looked at before a wait, and pays only when the retry is sent.
 */
import type { ModelConfig, ProviderConfig, ProviderKey, TargetConfig } from '../../../shared/config.ts';
import { backoffMs } from '../../policies/backoff.ts';
import type { ActiveRequest } from '../active-request.ts';
import { timeLimitMs } from '../client-deadline.ts';
import { type Candidate, candidateAt, mayRepeat } from './candidate.ts';
import { hasDeclined, keysLeft } from './keys.ts';

/** After a 429, a request without another target waits for a cooldown that is shorter than this. */
const LONGEST_COOLDOWN_WAIT_MS = 10_000;

/**
 * Waits before a repeat at the same target; false when deadline or budget forbid it or the client has left.
 *
 * @param quickMs the wait before a quick retry; null for the usual back-off
 */
export async function backOff(
  request: ActiveRequest,
  { target, provider }: Candidate,
  quickMs: number | null,
): Promise<boolean> {
  const { plane, history } = request;
  const failures = history.triesAt(provider.name);
  const askedMs = history.lastFailure?.failure.retryAfterMs ?? null;
  const waitMs = quickMs ?? backoffMs(provider.retry, failures, plane.random(), askedMs);
  if (request.elapsedMs() + waitMs >= timeLimitMs(request, target)) return false;
  return mayRetry(request, provider) && pause(request, waitMs);
}

/** After a 429 and without another target or key: waits for a short cooldown to end, then returns the same target. */
export async function waitForCooldown(request: ActiveRequest, model: ModelConfig): Promise<Waited | null> {
  const { plane, history } = request;
  const { lastFailureHere: last } = history;
  if (last === null || last.judgement.cooldown === null || !mayRepeat(request, model)) return null;
  // Of several keys, it may have been one before the last that has only too many requests.
  if (history.toldFailure?.judgement.cooldown !== 'rate_limited') return null;
  const candidate = candidateAt(request, model, last.index);
  if (candidate === null || hasDeclined(request, candidate.provider)) return null;
  const latestMs = plane.clock.nowMs() + LONGEST_COOLDOWN_WAIT_MS;
  return waitOut(request, candidate, { keys: keysLeft(request, candidate.provider), latestMs, isRetry: true });
}

/** A target that can be asked now, with one of these keys. */
export interface Waited {
  readonly candidate: Candidate;
  readonly keys: readonly ProviderKey[];
}

/**
 * Waits until one of these keys can be used at a target, if that comes before `latestMs` and the request's deadline. Null
 * if it does not, or if what follows is a retry that the budget does not allow.
 */
export async function waitOut(
  request: ActiveRequest,
  candidate: Candidate,
  wait: Pick<Waited, 'keys'> & { readonly latestMs: number; readonly isRetry: boolean },
): Promise<Waited | null> {
  const { target, provider } = candidate;
  const { gate } = request.plane;
  const { keys, isRetry } = wait;
  if (!isShortCooldown(request, target, wait) || (isRetry && !mayRetry(request, provider))) return null;
  for (;;) {
    const state = gate.state(target.provider, target.model, keys);
    if (state.kind === 'available') return !isRetry || takeRetry(request, provider) ? { candidate, keys } : null;
    // Another worker's 429 may have made the cooldown longer meanwhile.
    if (state.kind !== 'cooling-down' || !isShortCooldown(request, target, wait)) return null;
    if (!(await pause(request, Math.ceil(state.remainingMs)))) return null;
  }
}

/** Takes a retry from the provider's budget; false if there is none. */
export function takeRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  return mayRetry(request, provider) && request.plane.withdrawRetry(provider);
}

/** Waits; false if the request was cancelled meanwhile. */
export async function pause(request: ActiveRequest, delayMs: number): Promise<boolean> {
  const { cancellation, waiting, plane } = request;
  waiting.start('turn');
  await new Promise<void>((resolve) => {
    const timer = plane.clock.after(delayMs, resolve);
    cancellation.watch(() => {
      timer.cancel();
      resolve();
    });
  });
  cancellation.unwatch();
  waiting.stop();
  return cancellation.reason === null;
}

/** Whether the budget allows a retry now. A request that it allows none is counted, once for each provider. */
function mayRetry({ plane, history }: ActiveRequest, provider: ProviderConfig): boolean {
  if (plane.hasRetry(provider)) return true;
  if (history.lackedRetry(provider.name))
    plane.outbox.push({ type: 'retry-budget-exhausted', provider: provider.name });
  return false;
}

/** Whether the target's cooldown, if it has one, ends before `latestMs` and before the request's deadline. */
function isShortCooldown(
  request: ActiveRequest,
  target: TargetConfig,
  { keys, latestMs }: Pick<Waited, 'keys'> & { readonly latestMs: number },
): boolean {
  const { gate, clock } = request.plane;
  const state = gate.state(target.provider, target.model, keys);
  const endsMs = clock.nowMs() + (state.kind === 'cooling-down' ? state.remainingMs : 0);
  return endsMs < Math.min(latestMs, request.startedMs + timeLimitMs(request, target));
}
