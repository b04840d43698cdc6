/**
 * Writes errors as OpenAI does. A stream that breaks ends in `response.failed`, with the response as far as it has come;
 * then its body is complete, since clients look for that event and not at the connection.
 */
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { type ErrorBody, errorEnvelope, type HeadgateFacts } from '../../wire/error-envelope.ts';
import type { ResponseEvent } from '../../wire/responses.ts';
import type { ToldAnswer } from '../types.ts';
import { EventWriter } from './event-writer.ts';
import { idPart, responseOf } from './response.ts';

/** Codes by which clients know what to do: whether to go on trying, or to make the conversation shorter. */
const codeOf: ReadonlyMap<string, string> = new Map([
  ['rate_limited', 'rate_limit_exceeded'],
  ['rate_limit_exceeded', 'rate_limit_exceeded'],
  ['insufficient_quota', 'insufficient_quota'],
  ['context_length_exceeded', 'context_length_exceeded'],
  ['request_rejected', 'invalid_prompt'],
  ['invalid_prompt', 'invalid_prompt'],
  ['server_is_overloaded', 'server_is_overloaded'],
  ['slow_down', 'slow_down'],
  // Anthropic's, which have no code.
  ['overloaded_error', 'server_is_overloaded'],
  ['rate_limit_error', 'rate_limit_exceeded'],
]);

/** The body of an error. `facts` are given for an error of the gateway itself. */
export function writeError(error: ErrorBody, facts?: HeadgateFacts): Buffer {
  return Buffer.from(JSON.stringify(errorEnvelope(error, facts)));
}

/** The end of a stream that is broken. Clients take no response that has not been created before. */
export function brokenEnd({ message, type, code }: ErrorBody, facts: HeadgateFacts, soFar?: ToldAnswer | null): Buffer {
  // What the client has done wrong is wrong again: for any other code it would ask again.
  const byOwner = facts.owner === 'client' ? 'invalid_prompt' : 'server_error';
  const error = { code: codeOf.get(code ?? '') ?? codeOf.get(type) ?? byOwner, message, headgate: { code, ...facts } };
  const answer = soFar?.answer ?? unknownAnswer(facts.request_id);
  const response = { ...answer, status: 'failed', error, output: asArray(answer.output).map(cutOff) };
  const failed: ResponseEvent = { type: 'response.failed', response };
  const nextEvent = soFar?.nextEvent ?? 0;
  const created: ResponseEvent = { type: 'response.created', response: { ...answer, status: 'in_progress' } };
  return new EventWriter(nextEvent).write(nextEvent === 0 ? [created, failed] : [failed]);
}

/** An item that was growing grows no more. */
function cutOff(value: unknown): unknown {
  const item = asRecord(value);
  return item?.status === 'in_progress' ? { ...item, status: 'incomplete' } : value;
}

/** Of a response of which nothing has been told. */
function unknownAnswer(requestId: string): JsonRecord {
  const frame = { id: `resp_${idPart(requestId)}`, model: '', createdAt: 0, asked: {} };
  return responseOf(frame, { status: 'failed', output: [], usage: null });
}
