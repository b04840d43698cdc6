/**
 * The target that a session keeps to: whether it is waited for, and why it was left. A request without a session has
 * none. What a target cannot express, or its provider has no API for, is nobody's own.
 */
import type { RequestOutline } from '../../../dialects/types.ts';
import type { ModelConfig } from '../../../shared/config.ts';
import type { SessionMove } from '../../../shared/events.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { HeldBody } from '../arrival/body.ts';
import { Session, sessionKeyOf } from '../session.ts';
import { type Candidate, candidateAt, mayRepeat } from './candidate.ts';
import { orderOf, sessionAt } from './order.ts';
import { waitOut } from './retry-waits.ts';

/** A request that is heavy waits so long for its own target rather than move, all waits together. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Where there is a choice of targets, a request that names its conversation belongs to it. One that goes on from what a
 * provider keeps has no choice, and its client hears at once that this one is not available.
 */
export function joinSession(request: ActiveRequest, model: ModelConfig, outline: RequestOutline, body: HeldBody): void {
  if (model.targets.length === 1 && model.fallbacks.context.length === 0) return;
  if (request.binding !== null) return;
  const { headers } = request.incoming;
  const configured = request.config.server.sessionHeader;
  const key = sessionKeyOf({ headers, configured, promptCacheKey: outline.sessionKey }, model);
  if (key !== null) request.joins(new Session(key, body));
}

/** Waits for the end of a short cooldown, if a move costs more; null if another target is to be looked for. */
export async function waitForOwn(request: ActiveRequest, model: ModelConfig): Promise<Candidate | null> {
  const { history, plane } = request;
  const session = sessionAt(request, model);
  const own = session === null ? null : ownTarget(request, model);
  if (session === null || own === null) return null;
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure === null ? !isLimited(request, own) : !wasLimited(request, own, model)) return null;
  if (!session.isHeavy) return null;
  session.waitsUntilMs ??= plane.clock.nowMs() + LONGEST_WAIT_MS;
  return waitOut(request, own, { latestMs: session.waitsUntilMs, isRetry: lastFailure !== null });
}

/** Whether its own target, which it has not asked, cools down. */
function isLimited({ history, plane }: ActiveRequest, { target }: Candidate): boolean {
  return history.isEmpty && plane.gate.state(target.provider, target.model).kind === 'cooling-down';
}

/** Whether it has just got a 429 from its own target, and may ask there again. */
function wasLimited(request: ActiveRequest, { index, provider }: Candidate, model: ModelConfig): boolean {
  const { history } = request;
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure?.index !== index || lastFailure.judgement.cooldown !== 'rate_limited') return false;
  return mayRepeat(request, model) && !history.hasDeclined(provider.name);
}

/** Notes why a request is about to ask another target than its session's own, if it is; the first reason counts. */
export function noteMove(request: ActiveRequest, model: ModelConfig, chosen: number): void {
  const { session } = request;
  if (session === null) return;
  // A fallback model that keeps no sessions has no target that was left.
  const own = sessionAt(request, model) === null ? null : ownTarget(request, model);
  if (own === null || own.index === chosen) session.move = null;
  else session.move ??= reasonOf(request, own);
}

/** Counts the move of a session, once another target than its own has answered. */
export function countMove({ session, plane }: ActiveRequest): void {
  if (session !== null && session.move !== null) plane.outbox.push({ type: 'session-moved', reason: session.move });
}

function reasonOf({ history, plane }: ActiveRequest, { index, target }: Candidate): SessionMove {
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure?.index === index) return lastFailure.judgement.cooldown === null ? 'failure' : 'cooldown';
  const { kind } = plane.gate.state(target.provider, target.model);
  return kind === 'cooling-down' ? 'cooldown' : kind === 'available' ? 'failure' : 'circuit';
}

/** The first of the order that can take the request at all. */
function ownTarget(request: ActiveRequest, model: ModelConfig): Candidate | null {
  const index = orderOf(request, model).find((each) => !request.history.isSkipped(each));
  return index === undefined ? null : candidateAt(request, model, index);
}
