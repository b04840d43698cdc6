/**
 * Answers outside of the requests that are counted: what `/health` and the models say, and errors beside them. They have
 * no id, and stand neither in the metrics nor in the request log.
 */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Dialect } from '../../dialects/types.ts';
import type { Config } from '../../shared/config.ts';
import { asGatewayError } from '../../shared/errors.ts';
import { findName, isPattern } from '../../shared/model-names.ts';
import { modelNotFound } from '../request/model-not-found.ts';
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

/** That there is an API here: Anthropic's clients ask for it before anything else. */
export function hello(): PlainAnswer {
  return json(200, { message: 'hello' });
}

/**
 * All names that can be asked for, in Anthropic's form for its clients, else in OpenAI's. A pattern is none: who takes a
 * name from this list sends it as it is.
 */
export function listModels({ models }: Config, headers: IncomingHttpHeaders): PlainAnswer {
  const names = Object.values(models).flatMap(({ name, aliases }) => (isPattern(name) ? [] : [name, ...aliases]));
  if (!isAnthropics(headers)) return json(200, { object: 'list', data: names.map(openaiModel) });
  const ends = { first_id: names[0] ?? null, last_id: names.at(-1) ?? null };
  return json(200, { data: names.map(anthropicModel), has_more: false, ...ends });
}

/** One model of that list, or that a pattern matches. Throws `model_not_found` (404) for a name that leads nowhere. */
export function describeModel(config: Config, name: string, headers: IncomingHttpHeaders): PlainAnswer {
  if (findName(config, name) !== null)
    return json(200, isAnthropics(headers) ? anthropicModel(name) : openaiModel(name));
  throw modelNotFound(config, name);
}

/** Only Anthropic's clients say which version of its API they speak. */
function isAnthropics(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

function openaiModel(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'headgate' } as const;
}

function anthropicModel(id: string) {
  return { type: 'model', id, display_name: id, created_at: '1970-01-01T00:00:00Z' } as const;
}

function json(status: number, value: unknown): PlainAnswer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** Sends an answer; to HEAD, Node sends its head alone. */
export function sendAnswer(outgoing: ServerResponse, { status, type, body }: PlainAnswer): void {
  outgoing.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}

/** Sends an error in the client's dialect. What is no `GatewayError` is a fault of ours, and is logged. */
export function sendError({ log }: PlaneState, outgoing: ServerResponse, dialect: Dialect, thrown: unknown): void {
  const error = asGatewayError(thrown);
  if (error.code === 'internal_error') log.error({ err: thrown }, 'an endpoint failed');
  if (error.retryAfterMs !== null) outgoing.setHeader('retry-after', Math.ceil(error.retryAfterMs / 1000));
  const type = 'application/json; charset=utf-8';
  sendAnswer(outgoing, { status: error.status, type, body: dialect.writeError(error) });
}
