/**
 * The target that a session keeps to, and its key there: whether they are waited for, and why they were left. A request
 * without a session has none. What a target cannot express, or its provider has no API for, is nobody's own.
 */
import type { RequestOutline } from '../../../dialects/types.ts';
import type { ModelConfig, ProviderConfig, ProviderKey } from '../../../shared/config.ts';
import type { SessionMove } from '../../../shared/events.ts';
import type { ActiveRequest } from '../active-request.ts';
import type { HeldBody } from '../arrival/body.ts';
import { Session, sessionKeyOf } from '../session.ts';
import { type Candidate, candidateAt, mayRepeat } from './candidate.ts';
import { ownKey } from './keys.ts';
import { orderOf, sessionAt } from './order.ts';
import { type Waited, waitOut } from './retry-waits.ts';

/** Where a session lies. */
interface OwnPlace extends Candidate {
  readonly key: ProviderKey;
}

/** A request that is heavy waits so long for its own target rather than move, all waits together. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Where there is a choice of targets or keys, a request that names its conversation belongs to it. One that goes on from
 * what a provider keeps has no choice, and its client hears at once that this one is not available.
 */
export function joinSession(request: ActiveRequest, model: ModelConfig, outline: RequestOutline, body: HeldBody): void {
  if (model.targets.length === 1 && model.fallbacks.context.length === 0 && !hasKeys(request, model)) return;
  if (request.binding !== null) return;
  const { headers } = request.incoming;
  const configured = request.config.server.sessionHeader;
  const key = sessionKeyOf({ headers, configured, promptCacheKey: outline.sessionKey }, model);
  if (key !== null) request.joins(new Session(key, body));
}

/** Waits for the end of a short cooldown, if a move costs more; null if another target or key is to be looked for. */
export async function waitForOwn(request: ActiveRequest, model: ModelConfig): Promise<Waited | null> {
  const { history, plane } = request;
  const session = sessionAt(request, model);
  const own = session === null ? null : ownPlace(request, model, session);
  if (session === null || own === null) return null;
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure === null ? !isLimited(request, own) : !wasLimited(request, own, model)) return null;
  if (!session.isHeavy) return null;
  session.waitsUntilMs ??= plane.clock.nowMs() + LONGEST_WAIT_MS;
  const wait = { keys: [own.key], latestMs: session.waitsUntilMs, isRetry: lastFailure !== null };
  return waitOut(request, own, wait);
}

/** Whether its own key at its own target, which it has not asked, cools down. */
function isLimited({ history, plane }: ActiveRequest, { target, key }: OwnPlace): boolean {
  return history.isEmpty && plane.gate.state(target.provider, target.model, [key]).kind === 'cooling-down';
}

/** Whether it has just got a 429 from its own target with its own key, and may ask there again. */
function wasLimited(request: ActiveRequest, { index, provider, key }: OwnPlace, model: ModelConfig): boolean {
  const { history } = request;
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure?.index !== index || lastFailure.key !== key.name) return false;
  if (lastFailure.judgement.cooldown !== 'rate_limited') return false;
  return mayRepeat(request, model) && !history.hasDeclined(provider.name, key.name);
}

/** Whether a request has the key that its session keeps to at this provider, or keeps to none. */
export function hasOwnKey(
  request: ActiveRequest,
  model: ModelConfig,
  { provider, key }: { readonly provider: ProviderConfig; readonly key: ProviderKey },
): boolean {
  const session = provider.keys.length === 1 ? null : sessionAt(request, model);
  return session === null || ownKey(session.key, provider) === key;
}

/** Notes why a request is about to ask another target or key than its session's own, if it is; the first reason counts. */
export function noteMove(
  request: ActiveRequest,
  model: ModelConfig,
  chosen: { readonly index: number; readonly key: ProviderKey },
): void {
  const { session } = request;
  if (session === null) return;
  // A fallback model that keeps no sessions has no target that was left.
  const own = sessionAt(request, model) === null ? null : ownPlace(request, model, session);
  if (own === null || (own.index === chosen.index && own.key === chosen.key)) session.move = null;
  else session.move ??= own.index === chosen.index ? 'cooldown' : reasonOf(request, own);
}

/** Counts the move of a session, once another target or key than its own has answered. */
export function countMove({ session, plane }: ActiveRequest): void {
  if (session !== null && session.move !== null) plane.outbox.push({ type: 'session-moved', reason: session.move });
}

function reasonOf({ history, plane }: ActiveRequest, { index, target, provider }: Candidate): SessionMove {
  const { lastFailureHere: lastFailure } = history;
  if (lastFailure?.index === index) return lastFailure.judgement.cooldown === null ? 'failure' : 'cooldown';
  const { kind } = plane.gate.state(target.provider, target.model, provider.keys);
  return kind === 'cooling-down' ? 'cooldown' : kind === 'available' ? 'failure' : 'circuit';
}

/** The first target of the order that can take the request at all, with the session's key there. */
function ownPlace(request: ActiveRequest, model: ModelConfig, session: Session): OwnPlace | null {
  const index = orderOf(request, model).find((each) => !request.history.isSkipped(each));
  const own = index === undefined ? null : candidateAt(request, model, index);
  const key = own === null ? null : ownKey(session.key, own.provider);
  return own === null || key === null ? null : { ...own, key };
}

/** Whether a provider of this model has several keys. */
function hasKeys({ config }: ActiveRequest, { targets }: ModelConfig): boolean {
  return targets.some(({ provider }) => (config.providers[provider]?.keys.length ?? 0) > 1);
}
