/**
 * The next target of a request: routing's candidates, each looked at when its turn comes: circuit, rest, probe lease,
 * retry budget, back-off, deadline. What this returns may be asked at once.
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
      /** Leave to probe; whoever gets it must use it or give it back. */
      readonly lease: number | null;
    }
  /**
   * Nothing may be asked now. `soonestMs`: when the first circuit or rest ends, null where none is in the way. `why`: all
   * targets rest after a 429, or all of their keys were refused; otherwise a circuit is among what is in the way.
   */
  | { readonly kind: 'none'; readonly soonestMs: number | null; readonly why: 'circuits' | 'cooldowns' | 'keys' };

type TargetChoice = Extract<Choice, { kind: 'target' }>;

/** A target that is looked at, with its place and its provider. */
type Candidate = Omit<TargetChoice, 'kind' | 'lease'>;

/** What stood in the way of the targets that were looked at. */
interface Exclusions {
  soonestMs: number | null;
  coolingDown: number;
  /** Those of the cooling ones whose provider refused our key. */
  refusedKeys: number;
  /** Providers whose circuit was in the way. */
  readonly open: Set<string>;
  probeDenied: boolean;
}

/** A request that was told 429 waits for its only target if that takes less than this. */
const LONGEST_COOLDOWN_WAIT_MS = 10_000;

/** How long a request without another target waits for the verdict of somebody else's probe. */
const PROBE_WAIT_MS = 50;

const none: Choice = { kind: 'none', soonestMs: null, why: 'circuits' };

/**
 * The first target of a request that has tried nothing yet, where nothing at all stands in its way: what nearly every
 * request gets, without a turn of waiting. Null where the way of `chooseTarget` must be gone.
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
 * Finds the next target; waits for back-off, probes and short cooldowns on the way. A request that is cancelled meanwhile
 * gets none, and holds no lease then.
 */
export async function chooseTarget(request: ActiveRequest, model: ModelConfig): Promise<Choice> {
  const exclusions: Exclusions = {
    soonestMs: null,
    coolingDown: 0,
    refusedKeys: 0,
    open: new Set(),
    probeDenied: false,
  };
  let chosen = await lookAround(request, model, exclusions);
  if (chosen === null && exclusions.probeDenied && (await pause(request, PROBE_WAIT_MS))) {
    chosen = await lookAround(request, model, exclusions);
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

/** Returns the lease of a target that will not be asked after all. */
export function releaseLease(request: ActiveRequest, { lease, provider }: TargetChoice): void {
  if (lease !== null) request.plane.gate.release(provider.name, lease);
}

async function lookAround(
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

/** The lease to use (null: none needed), or `refused` with the reason noted among the exclusions. */
async function permit(
  request: ActiveRequest,
  candidate: Candidate,
  exclusions: Exclusions,
): Promise<number | null | 'refused'> {
  const { gate } = request.plane;
  const { index, target, provider } = candidate;
  if (request.elapsedMs() >= target.timeouts.totalMs || request.declinedBy.includes(provider.name)) return 'refused';
  const repeats = request.lastFailure !== null && request.provider === provider.name;
  // Another model of the same provider need not wait: only the target itself asked for time.
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
      const lease = await askForProbe(request, provider);
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

/** Each provider once per request. */
function countRejection(request: ActiveRequest, provider: string): void {
  if (request.rejectedBy.includes(provider)) return;
  request.rejectedBy.push(provider);
  request.plane.outbox.push({ type: 'circuit-rejection', provider });
}

async function askForProbe(request: ActiveRequest, provider: ProviderConfig): Promise<number | null> {
  const { clock, gate } = request.plane;
  const startedMs = clock.nowMs();
  const lease = await gate.acquireProbe(provider.name, request.number);
  request.waitedMs += clock.nowMs() - startedMs;
  return lease;
}

/** Waits before a repeat at the same target; false when deadline or budget forbid it or the client has left. */
async function backOff(request: ActiveRequest, { target, provider }: Candidate): Promise<boolean> {
  const { plane, lastFailure } = request;
  const failures = request.attemptsAt(provider.name);
  const waitMs = backoffMs(provider.retry, failures, plane.random(), lastFailure?.failure.retryAfterMs ?? null);
  if (request.elapsedMs() + waitMs >= target.timeouts.totalMs) return false;
  return hasRetry(request, provider) && pause(request, waitMs);
}

/** Whether the budget has a retry now; it is taken only when the retry is sent. */
function hasRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  if (request.plane.hasRetry(provider)) return true;
  request.plane.outbox.push({ type: 'retry-budget-exhausted', provider: provider.name });
  return false;
}

function takeRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  return hasRetry(request, provider) && request.plane.withdrawRetry(provider);
}

/** After a 429 with nowhere else to go: sits a short rest out, then asks the same target again. */
async function waitForCooldown(request: ActiveRequest, model: ModelConfig): Promise<TargetChoice | null> {
  const { plane, lastFailure } = request;
  if (lastFailure === null || lastFailure.judgement.cooldown !== 'rate_limited' || !mayRepeat(request, model))
    return null;
  const candidate = candidateAt(request, model, lastFailure.index);
  if (candidate === null || request.declinedBy.includes(candidate.provider.name)) return null;
  const { target, provider } = candidate;
  const giveUpMs = plane.clock.nowMs() + LONGEST_COOLDOWN_WAIT_MS;
  if (!isShortCooldown(request, target, giveUpMs) || !hasRetry(request, provider)) return null;
  for (;;) {
    const state = plane.gate.state(target.provider, target.model);
    if (state.kind === 'available') {
      return takeRetry(request, provider) ? { kind: 'target', ...candidate, lease: null } : null;
    }
    // Another worker's 429 may have made the rest longer meanwhile.
    if (state.kind !== 'cooling-down' || !isShortCooldown(request, target, giveUpMs)) return null;
    if (!(await pause(request, Math.ceil(state.remainingMs)))) return null;
  }
}

/** Whether the target's rest, if it cools down, ends before `giveUpMs` and before the request's deadline. */
function isShortCooldown(request: ActiveRequest, target: TargetConfig, giveUpMs: number): boolean {
  const { gate, clock } = request.plane;
  const state = gate.state(target.provider, target.model);
  const endsMs = clock.nowMs() + (state.kind === 'cooling-down' ? state.remainingMs : 0);
  return endsMs < Math.min(giveUpMs, request.startedMs + target.timeouts.totalMs);
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

/** Sleeps; false when the request was cancelled meanwhile. */
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
