/**
 * Faults of a request's head that Node's parser lets pass, and at which two readers of the same bytes may disagree: who
 * is meant, and where the message ends. Pure. After such a request its connection is closed.
 */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';

/** What is wrong with the head, by RFC 9112, 3.2 and 6.1; null if nothing is. */
export function framingFault(incoming: IncomingMessage): GatewayError | null {
  if (incoming.headers.host === undefined && !isHttp10(incoming)) {
    return new GatewayError('malformed_request', 'The request has no Host header.');
  }
  return ambiguity(incoming);
}

/** The same, but a Host may be missing: health probes come without one. */
export function ambiguity(incoming: IncomingMessage): GatewayError | null {
  if (hostHeaders(incoming.rawHeaders) > 1) {
    return new GatewayError('malformed_request', 'The request has more than one Host header.');
  }
  const coding = incoming.headers['transfer-encoding'];
  if (coding === undefined) return null;
  if (isHttp10(incoming))
    return new GatewayError('malformed_request', 'A request in HTTP/1.0 must not have a Transfer-Encoding.');
  if (/^chunked$/i.test(coding.trim())) return null;
  return new GatewayError('unsupported_transfer_coding', 'No Transfer-Encoding but chunked is supported.');
}

/**
 * Whether it wishes for another protocol. That is not granted, but of the bytes behind it Node's parser drops those of
 * the same segment.
 */
export function wantsUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '');
}

function isHttp10({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor === 1 && httpVersionMinor === 0;
}

function hostHeaders(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
