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

/** What those begin with: of most answers no header does, and the expression need not be asked. */
const returnedInitials = new Set(['x', 'a', 'o']);

/** All headers of a provider's request, names and values in turn: those of its dialect and those that everyone gets. */
export function upstreamHeaders(request: ActiveRequest, ofDialect: Readonly<Record<string, string>>): string[] {
  const headers = ['accept-encoding', 'identity', 'user-agent', 'headgate', 'x-request-id', request.id];
  for (const name in ofDialect) headers.push(name, ofDialect[name] ?? '');
  for (const name of forwarded) {
    const value = request.incoming.headers[name];
    if (typeof value === 'string') headers.push(name, value);
  }
  return headers;
}

/** Adds to `headers` those that a client gets of the ones a provider sent. */
export function addReturnedHeaders(headers: Record<string, string>, sent: IncomingHttpHeaders): void {
  for (const name in sent) {
    if (!returnedInitials.has(name.charAt(0)) || !returned.test(name)) continue;
    const value = sent[name];
    if (typeof value === 'string') headers[name] = value;
  }
}
