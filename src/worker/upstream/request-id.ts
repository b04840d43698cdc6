/** The id by which a provider finds a request in its own logs. */
import type { IncomingHttpHeaders } from 'node:http';

/** What it may consist of to be logged and sent on. */
const SANE_REQUEST_ID = /^[\w.:/+=@-]{1,128}$/;

/** From the headers of an answer; null where the provider sent none. */
export function requestIdOf(headers: IncomingHttpHeaders): string | null {
  const id =
    headers['x-request-id'] ?? headers['request-id'] ?? headers['x-amzn-requestid'] ?? headers['apim-request-id'];
  return typeof id === 'string' && SANE_REQUEST_ID.test(id) ? id : null;
}
