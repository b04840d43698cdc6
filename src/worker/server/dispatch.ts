/**
 * From what a request asks for to who answers it: a preflight, an endpoint, or the reason why there is none. Only
 * clients with a key learn which paths exist, so a missing key is told before that reason.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../shared/errors.ts';
import { wantsUpgrade } from '../../shared/http/framing-fault.ts';
import { ActiveRequest } from '../request/active-request.ts';
import type { PlaneState } from '../request/plane-state.ts';
import { refuse } from '../request/refuse.ts';
import type { BrowserGuard } from './browser-guard.ts';
import { askedElsewhere, type Endpoints, type Found } from './endpoints.ts';
import { sendAnswer, sendError } from './plain-answers.ts';

/** Who is there to answer. */
export interface Answerers {
  readonly plane: PlaneState;
  readonly endpoints: Endpoints;
  readonly guard: BrowserGuard;
}

type Elsewhere = Extract<Found, { kind: 'other-method' | 'nothing' }>;

/** Answers a request, now or later. */
export function dispatch(
  answerers: Answerers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  found: Found,
): void {
  const { plane, guard } = answerers;
  if (guard.answersPreflight(incoming, outgoing)) return;
  if (found.kind === 'counted') {
    void found.endpoint.serve(new ActiveRequest(plane, incoming, outgoing, found.endpoint, found.id));
    return;
  }
  if (plane.draining) outgoing.shouldKeepAlive = false;
  if (found.kind === 'plain') answerPlainly(plane, incoming, outgoing, found);
  else turnAway(answerers, incoming, outgoing, found);
}

function answerPlainly(
  plane: PlaneState,
  { headers }: IncomingMessage,
  outgoing: ServerResponse,
  { endpoint, id }: Extract<Found, { kind: 'plain' }>,
): void {
  const { dialect } = askedElsewhere(headers);
  const fail = (thrown: unknown) => sendError(plane, outgoing, dialect, thrown);
  try {
    if (endpoint.needsKey) plane.authenticate(headers, dialect);
    const answer = endpoint.answer(decoded(id), headers);
    // What is there is sent in this turn: broken HTTP right behind the request closes what has not been answered.
    if (answer instanceof Promise) answer.then((late) => sendAnswer(outgoing, late)).catch(fail);
    else sendAnswer(outgoing, answer);
  } catch (thrown) {
    fail(thrown);
  }
}

/** Says why there is no answer. That is counted for what may have been meant as a request to a model. */
function turnAway(
  { plane, endpoints }: Answerers,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  found: Elsewhere,
): void {
  const { path } = found;
  const asked = askedElsewhere(incoming.headers);
  let reason: unknown;
  try {
    plane.authenticate(incoming.headers, asked.dialect);
    decoded(path ?? '');
    reason = noSuch(found, incoming, endpoints.known);
    if (found.kind === 'other-method') outgoing.setHeader('allow', found.methods);
  } catch (thrown) {
    reason = thrown;
  }
  const isCounted = path === null || (incoming.method === 'POST' && path.startsWith('/v1/'));
  if (isCounted) refuse(new ActiveRequest(plane, incoming, outgoing, asked), reason);
  else sendError(plane, outgoing, asked.dialect, reason);
}

/** Clients that try a WebSocket first go on by HTTP at once after a 426; after any other status they try it again. */
function noSuch(found: Elsewhere, incoming: IncomingMessage, known: string): GatewayError {
  if (found.kind === 'other-method' && wantsUpgrade(incoming)) {
    return new GatewayError('websocket_not_supported', `This endpoint speaks no WebSocket: send ${found.methods}.`);
  }
  return found.kind === 'nothing'
    ? new GatewayError('not_found', `There is no such path. Known: ${known}.`)
    : new GatewayError('method_not_allowed', `This endpoint accepts only ${found.methods}.`);
}

/** Throws `malformed_request` (400) for escapes that are none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new GatewayError('malformed_request', 'The path is no valid URL.', { cause });
  }
}
