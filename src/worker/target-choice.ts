/**
 * The next target of a request: routing's candidates, each looked at when its turn comes: circuit, rest, probe lease,
 * retry budget, back-off, deadline. What this returns may be asked at once.
 */
import type { ModelConfig, ProviderConfig, TargetConfig } from '../config/types.ts';
import { sleep } from '../shared/clock.ts';
import type { ActiveRequest } from './active-request.ts';
import { backoffMs } from './policies/backoff.ts';
import { candidates } from './policies/routing.ts';

export type Choice =
  | { readonly kind: 'target'; readonly index: number; readonly lease: number | null }
  /** Nothing may be asked now. `soonestMs`: when the first circuit or rest ends, null where none is in the way. */
  | { readonly kind: 'none'; readonly soonestMs: number | null; readonly allResting: boolean };

/** What stood in the way of the targets that were looked at. */
interface Obstacles {
  soonestMs: number | null;
  resting: number;
  open: number;
  probeDenied: boolean;
}

/** A request that was told 429 waits for its only target if that takes less than this. */
const LONGEST_REST_WAIT_MS = 10_000;

/** How long a request without another target waits for the verdict of somebody else's probe. */
const PROBE_WAIT_MS = 50;

/** Finds the next target; waits for back-off, probes and short rests on the way. */
export async function chooseTarget(request: ActiveRequest, model: ModelConfig): Promise<Choice> {
  const first = await lookAround(request, model);
  if ('index' in first) return first;
  if (first.probeDenied && !(await pause(request, PROBE_WAIT_MS))) return none(first);
  const second = first.probeDenied ? await lookAround(request, model) : first;
  if ('index' in second) return second;
  return (await waitForRest(request, model)) ?? none(second);
}

function none({ soonestMs, resting, open }: Obstacles): Choice {
  return { kind: 'none', soonestMs, allResting: resting > 0 && open === 0 };
}

async function lookAround(
  request: ActiveRequest,
  model: ModelConfig,
): Promise<(Choice & { index: number }) | Obstacles> {
  const obstacles: Obstacles = { soonestMs: null, resting: 0, open: 0, probeDenied: false };
  const progress = {
    last: request.setback?.index ?? null,
    next: request.setback?.judgement.next ?? null,
    tried: request.tried,
    mayRepeat: mayRepeat(request, model),
  };
  for (const index of candidates(model.targets.length, progress)) {
    const target = model.targets[index];
    const provider = target && request.config.providers[target.provider];
    if (target === undefined || provider === undefined) continue;
    const lease = await permit(request, index, target, provider, obstacles);
    if (lease !== 'refused') return { kind: 'target', index, lease };
  }
  return obstacles;
}

/** The lease to use (null: none needed), or `refused` with the reason noted among the obstacles. */
async function permit(
  request: ActiveRequest,
  index: number,
  target: TargetConfig,
  provider: ProviderConfig,
  obstacles: Obstacles,
): Promise<number | null | 'refused'> {
  const { gate } = request.plane;
  const isRepeat = request.setback !== null && request.provider === provider.name;
  if (isRepeat && gate.state(target.provider, target.model).kind === 'available') {
    if (!takeRetry(request, provider)) return 'refused';
    // Another model of the same provider need not wait: only the target itself asked for time.
    if (index === request.setback?.index && !(await backOff(request, target, provider))) return 'refused';
  }
  const state = gate.state(target.provider, target.model);
  switch (state.kind) {
    case 'available':
      return null;
    case 'resting':
      obstacles.resting += 1;
      obstacles.soonestMs = soonest(obstacles.soonestMs, state.remainingMs);
      return 'refused';
    case 'probe-due': {
      const lease = await gate.acquireProbe(target.provider, request.number);
      if (lease !== null) return lease;
      obstacles.probeDenied = true;
      reject(request, target.provider, obstacles, PROBE_WAIT_MS);
      return 'refused';
    }
    case 'open':
      reject(request, target.provider, obstacles, state.remainingMs);
      return 'refused';
    default:
      return state satisfies never;
  }
}

function reject(request: ActiveRequest, provider: string, obstacles: Obstacles, remainingMs: number): void {
  obstacles.open += 1;
  obstacles.soonestMs = soonest(obstacles.soonestMs, remainingMs);
  if (request.rejectedBy.has(provider)) return;
  request.rejectedBy.add(provider);
  request.plane.outbox.push({ type: 'circuit-rejection', provider });
}

/** Waits before a repeat at the same target; false when the deadline forbids it or the client has left. */
async function backOff(request: ActiveRequest, target: TargetConfig, provider: ProviderConfig): Promise<boolean> {
  const { plane, setback } = request;
  const failures = request.attemptsAt.get(provider.name) ?? 1;
  const waitMs = backoffMs(provider.retry, failures, plane.random(), setback?.failure.retryAfterMs ?? null);
  if (request.elapsedMs() + waitMs >= target.timeouts.totalMs) return false;
  return pause(request, waitMs);
}

function takeRetry(request: ActiveRequest, provider: ProviderConfig): boolean {
  if (request.plane.withdrawRetry(provider)) return true;
  request.plane.outbox.push({ type: 'retry-budget-exhausted', provider: provider.name });
  return false;
}

/** After a 429 with nowhere else to go: sits a short rest out, then asks the same target again. */
async function waitForRest(request: ActiveRequest, model: ModelConfig): Promise<Choice | null> {
  const { plane, setback } = request;
  if (setback === null || setback.judgement.rest !== 'rate_limited' || !mayRepeat(request, model)) return null;
  const target = model.targets[setback.index];
  const provider = target && request.config.providers[target.provider];
  if (target === undefined || provider === undefined) return null;
  const giveUpMs = plane.clock.nowMs() + LONGEST_REST_WAIT_MS;
  if (!isShortRest(request, target, giveUpMs) || !takeRetry(request, provider)) return null;
  for (;;) {
    const state = plane.gate.state(target.provider, target.model);
    if (state.kind === 'available') return { kind: 'target', index: setback.index, lease: null };
    // Another worker's 429 may have made the rest longer meanwhile.
    if (state.kind !== 'resting' || !isShortRest(request, target, giveUpMs)) return null;
    if (!(await pause(request, Math.ceil(state.remainingMs)))) return null;
  }
}

/** Whether the target's rest, if it rests, ends before `giveUpMs` and before the request's deadline. */
function isShortRest(request: ActiveRequest, target: TargetConfig, giveUpMs: number): boolean {
  const { gate, clock } = request.plane;
  const state = gate.state(target.provider, target.model);
  const endsMs = clock.nowMs() + (state.kind === 'resting' ? state.remainingMs : 0);
  return endsMs < Math.min(giveUpMs, request.startedMs + target.timeouts.totalMs);
}

function mayRepeat(request: ActiveRequest, model: ModelConfig): boolean {
  const name = request.setback && model.targets[request.setback.index]?.provider;
  const provider = name && request.config.providers[name];
  if (!provider) return false;
  return (request.attemptsAt.get(provider.name) ?? 0) < provider.retry.attempts;
}

function soonest(known: number | null, remainingMs: number): number {
  return known === null ? remainingMs : Math.min(known, remainingMs);
}

/** Sleeps; false when the request was cancelled meanwhile. */
async function pause(request: ActiveRequest, delayMs: number): Promise<boolean> {
  const { clock } = request.plane;
  const startedMs = clock.nowMs();
  await sleep(clock, delayMs, request.cancellation.signal);
  request.waitedMs += clock.nowMs() - startedMs;
  return !request.cancellation.signal.aborted;
}
