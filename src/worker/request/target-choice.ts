/**
 * Chooses the next target of a request. It checks the candidates of `routing.ts` in order: circuit, cooldown, probe
 * lease, retry budget, back-off, deadline. The target that it returns may be asked immediately.
 */
import type { ModelConfig, ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { backoffMs } from '../policies/backoff.ts';
import { candidates } from '../policies/routing.ts';
import type { ActiveRequest } from './active-request.ts';

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
  | { readonly kind: 'none'; readonly soonestMs: number | null; readonly why: 'circuits' | 'cooldowns' | 'keys' };

type TargetChoice = Extract<Choice, { kind: 'target' }>;

/** A target to check, with its index and its provider. */
type Candidate = Omit<TargetChoice, 'kind' | 'lease'>;

/** Why the checked targets were left out. */
interface Exclusions {
  soonestMs: number | null;
  /** Number of targets that cool down. */
  coolingDown: number;
  /** Of these, the targets whose provider refused our key. */
  refusedKeys: number;
  /** Providers whose circuit excluded a target. */
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

function whyNone({ coolingDown, refusedKeys, open }: Exclusions): 'circuits' | 'cooldowns' | 'keys' {
  if (coolingDown === 0 || open.size > 0) return 'circuits';
  return refusedKeys === coolingDown ? 'keys' : 'cooldowns';
}

/** Releases the lease of a chosen target that will not be asked. */
export function releaseLease(request: ActiveRequest, { lease, provider }: TargetChoice): void {
  if (lease !== null) request.plane.gate.release(provider.name, lease);
}

async function findTarget(
  request: ActiveRequest,
  model: ModelConfig,
  exclusions: Exclusions,
): Promise<TargetChoice | null> {
  const progress = {
    last: request.lastFailure?.index ?? null,
    next: request.lastFailure?.judgement.next ?? null,
    tried: request.tried,
    mayRepeat: mayRepeat(request, model),
  };
  for (const index of candidates(model.targets.length, progress)) {
    const candidate = candidateAt(request, model, index);
    if (candidate === null) continue;
    const lease = await permit(request, candidate, exclusions);
    if (lease !== 'refused') return { kind: 'target', ...candidate, lease };
    if (isCancelled(request)) return null;
  }
  return null;
}

/** The lease to use (null: none is needed), or `refused`; then an open circuit or a cooldown is in the exclusions. */
async function permit(
  request: ActiveRequest,
  candidate: Candidate,
  exclusions: Exclusions,
): Promise<number | null | 'refused'> {
  const { gate } = request.plane;
  const { index, target, provider } = candidate;
  if (request.elapsedMs() >= target.timeouts.totalMs) return 'refused';
  const repeats = request.lastFailure !== null && request.provider === provider.name;
  // Another model of the same provider need not wait: the back-off is only for the target that failed.
  if (index === request.lastFailure?.index && gate.state(provider.name, target.model).kind === 'available') {
    if (!(await backOff(request, candidate))) return 'refused';
  }
  const state = gate.state(provider.name, target.model);
  switch (state.kind) {
    case 'available':
      return repeats && !takeRetry(request, provider) ? 'refused' : null;
    case 'cooling-down':
      exclusions.coolingDown += 1;
      if (gate.keyCoolsDown(provider.name)) exclusions.refusedKeys += 1;
      exclusions.soonestMs = soonest(exclusions.soonestMs, state.remainingMs);
      return 'refused';
    case 'probe-due': {
      const lease = await requestLease(request, provider);
      if (lease === null) {
        exclusions.probeDenied = true;
        exclusions.open.add(provider.name);
        exclusions.soonestMs = soonest(exclusions.soonestMs, PROBE_WAIT_MS);
        return 'refused';
      }
      if (!repeats || takeRetry(request, provider)) return lease;
      gate.release(provider.name, lease);
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

async function requestLease(request: ActiveRequest, provider: ProviderConfig): Promise<number | null> {
  const { clock, gate } = request.plane;
  const startedMs = clock.nowMs();
  const lease = await gate.acquireProbe(provider.name, request.number);
  request.waitedMs += clock.nowMs() - startedMs;
  return lease;
}

/** Waits before a retry at the same target. False if the deadline or the budget forbids it or the client has left. */
async function backOff(request: ActiveRequest, { target, provider }: Candidate): Promise<boolean> {
  const { plane, lastFailure } = request;
  const failures = request.attemptsAt(provider.name);
  const waitMs = backoffMs(provider.retry, failures, plane.random(), lastFailure?.failure.retryAfterMs ?? null);
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
  if (candidate === null) return null;
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
