/** The key that a client shows as `Authorization: Bearer KEY` (RFC 6750, 2.1). */
import type { IncomingHttpHeaders } from 'node:http';

/** Null where there is none. */
export function bearerKey({ authorization }: IncomingHttpHeaders): string | null {
  return /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null;
}

/** The key of an `x-api-key` header; null where there is none. */
export function headerKey({ 'x-api-key': key }: IncomingHttpHeaders): string | null {
  const text = typeof key === 'string' ? key.trim() : '';
  return text === '' ? null : text;
}
