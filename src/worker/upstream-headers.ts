/**
 * Which headers cross the gateway: by allow-list, both ways. Nothing else of a client's request reaches a provider (its
 * key for the gateway least of all), and nothing hop-by-hop or cookie-like comes back.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ActiveRequest } from './active-request.ts';

/** From the client to the provider. */
const forwarded = ['traceparent', 'tracestate', 'idempotency-key'] as const;

/** From the provider to the client. */
const returned = /^(x-ratelimit-.+|anthropic-ratelimit-.+|openai-processing-ms|openai-version|x-headgate-demo)$/;

/** The headers that a provider gets beside those of its dialect. */
export function upstreamHeaders(request: ActiveRequest): Record<string, string> {
  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    'user-agent': 'headgate',
    'x-request-id': request.id,
  };
  for (const name of forwarded) {
    const value = request.incoming.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return headers;
}

/** The headers that a client gets of those a provider sent. */
export function returnedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && returned.test(name)) kept[name] = value;
  }
  return kept;
}
