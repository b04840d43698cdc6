/**
 * Forwards headers by allow-list, in both directions. No other header of a client reaches a provider, in particular not
 * its key for the gateway. No hop-by-hop header and no cookie comes back.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { returnedHeaders } from '../../dialects/registry.ts';
import type { DialectHeaders } from '../../dialects/types.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';
import type { ActiveRequest } from './active-request.ts';

/** From the client to the provider. */
const forwarded = ['traceparent', 'tracestate', 'idempotency-key'] as const;

/** From the provider to the client. */
const returnedNames = ['x-headgate-demo', ...returnedHeaders];
const returned = new RegExp(
  `^(?:${returnedNames.map((name) => (name.endsWith('-') ? `${name}.+` : name)).join('|')})$`,
);

/** First letters of those names. Most answers have no such header, and so the regular expression is not run. */
const returnedInitials = new Set(returnedNames.map((name) => name.charAt(0)));

/**
 * All headers of an upstream request, as alternating names and values: common ones, the dialect's, the credentials, and
 * what is forwarded.
 */
export function upstreamHeaders(
  request: ActiveRequest,
  ofDialect: Readonly<Record<string, string>>,
  credentials: Readonly<Record<string, string>>,
): string[] {
  const headers = ['accept-encoding', 'identity', 'user-agent', 'headgate', 'x-request-id', request.id];
  for (const name in ofDialect) headers.push(name, ofDialect[name] ?? '');
  for (const name in credentials) headers.push(name, credentials[name] ?? '');
  const sent = request.incoming.headers;
  const ofConnection = connectionHeaders(sent.connection);
  for (const name of forwarded) {
    const value = sent[name];
    if (typeof value === 'string' && !ofConnection?.includes(name)) headers.push(name, value);
  }
  return headers;
}

/** A client's headers that a dialect takes; null where there is none. Exact names are looked up: they cost no search. */
export function forwardedHeaders(
  sent: IncomingHttpHeaders,
  { forwarded: wanted, withheld = [] }: Pick<DialectHeaders, 'forwarded' | 'withheld'>,
): Readonly<Record<string, string>> | null {
  let found: Record<string, string> | null = null;
  let ofConnection: readonly string[] | null | undefined;
  const take = (name: string) => {
    const value = sent[name];
    if (typeof value !== 'string') return;
    ofConnection ??= connectionHeaders(sent.connection);
    if (ofConnection?.includes(name) === true || withheld.includes(name)) return;
    found ??= {};
    found[name] = value;
  };
  for (const each of wanted) {
    if (!each.endsWith('-')) take(each);
    else for (const name in sent) if (name.startsWith(each)) take(name);
  }
  return found;
}

/** Header names in a Connection header that say nothing of other headers. */
const plainConnection = /^\s*(?:keep-alive|close)\s*$/i;

/**
 * Adds to `headers` those of a provider's headers that go back to the client and are not for the connection only,
 * without secrets that it may quote in them.
 */
export function addReturnedHeaders(
  headers: Record<string, string>,
  sent: IncomingHttpHeaders,
  redactor: Redactor,
): void {
  const ofConnection = connectionHeaders(sent.connection);
  for (const name in sent) {
    if (ofConnection?.includes(name)) continue;
    if (!returnedInitials.has(name.charAt(0)) || !returned.test(name)) continue;
    const value = sent[name];
    if (typeof value === 'string') headers[name] = redactor.redact(value);
  }
}

/** Names of the headers that are for the connection only (RFC 9110, 7.6.1); null if there are none. */
function connectionHeaders(connection: string | string[] | undefined): readonly string[] | null {
  if (connection === undefined || (typeof connection === 'string' && plainConnection.test(connection))) return null;
  return String(connection)
    .split(',')
    .map((name) => name.trim().toLowerCase());
}
