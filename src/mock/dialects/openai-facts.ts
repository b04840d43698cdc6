/** What all APIs of the fake OpenAI have in common: ids, times, errors, checks. */
import { createHash } from 'node:crypto';
import type { Ask } from './ask.ts';
import { Refusal } from './dialect.ts';

/** A fixed time, since answers to the same request must have the same bytes each time. */
export const created = 1_750_000_000;

/** What the ids of an answer are made of: the same for the same request. */
export function hashOf({ model, prompt }: Ask): string {
  return createHash('sha1').update(`${model}\n${prompt}`).digest('hex').slice(0, 24);
}

/** The body of an error. */
export function errorBody(status: number, message: string, param: string | null = null) {
  const [type, code] = errorKinds[status] ?? (status >= 500 ? ['server_error', null] : ['invalid_request_error', null]);
  return { error: { message, type, param, code } };
}

const errorKinds: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

/** The error in a stream that began with 200. */
export const streamError = errorBody(500, 'The fake openai provider fails in the stream because a fault is set.');

/** A flag that may be left out. Throws `Refusal`. */
export function readBoolean(name: string, value: unknown): boolean {
  if (value !== undefined && value !== null && typeof value !== 'boolean') throw wrong(name, 'a boolean');
  return value === true;
}

/** The name of a model. Throws `Refusal`. */
export function readModel(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Refusal('you must provide a model parameter');
  return value;
}

/** The error for a field of a wrong type. */
export function wrong(param: string, expected: string): Refusal {
  return new Refusal(`Invalid value for '${param}': expected ${expected}.`, param);
}

/** The error for a field that must be there. */
export function missing(param: string): Refusal {
  return new Refusal(`Missing required parameter: '${param}'.`, param);
}
