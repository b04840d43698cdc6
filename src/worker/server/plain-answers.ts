/**
 * Answers outside of the requests that are counted: what `/health` and the models say, and errors beside them. They have
 * no id, and stand neither in the metrics nor in the request log.
 */
import type { ServerResponse } from 'node:http';
import type { Config } from '../../shared/config.ts';
import { asGatewayError, GatewayError } from '../../shared/errors.ts';
import { errorEnvelope } from '../../wire/error-envelope.ts';
import type { PlaneState } from '../request/plane-state.ts';

/** An answer that is whole before its first byte is sent. */
export interface PlainAnswer {
  readonly status: number;
  /** Its content-type. */
  readonly type: string;
  readonly body: string | Buffer;
}

/** Whether this worker serves, for load balancers: 503 from the moment at which it should get no more requests. */
export function health({ draining }: PlaneState): PlainAnswer {
  return draining ? json(503, { status: 'draining' }) : json(200, { status: 'ok' });
}

/** OpenAI's list of models: all that are configured. */
export function listModels({ models }: Config): PlainAnswer {
  return json(200, { object: 'list', data: Object.keys(models).map(describedModel) });
}

/** One model of that list. Throws `model_not_found` (404) for a name that is not configured. */
export function describeModel({ models }: Config, name: string): PlainAnswer {
  if (Object.hasOwn(models, name)) return json(200, describedModel(name));
  throw new GatewayError('model_not_found', 'The model is not known to this gateway.', { param: 'model' });
}

function describedModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'headgate' } as const;
}

function json(status: number, value: unknown): PlainAnswer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** Sends an answer; to HEAD, Node sends its head alone. */
export function sendAnswer(outgoing: ServerResponse, { status, type, body }: PlainAnswer): void {
  outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

/** Sends an error in OpenAI's envelope. What is no `GatewayError` is a fault of ours, and is logged. */
export function sendError({ log }: PlaneState, outgoing: ServerResponse, thrown: unknown): void {
  const error = asGatewayError(thrown);
  if (error.code === 'internal_error') log.error({ err: thrown }, 'an endpoint failed');
  if (error.retryAfterMs !== null) outgoing.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1000));
  sendAnswer(outgoing, json(error.status, errorEnvelope(error)));
}
