/**
 * Bytes that Node's HTTP parser cannot read, or that come too late: answered in the usual envelope, counted, and then
 * the connection is closed. There are two cases:
 *
 * - The head is faulty: there is no request yet, so the answer is written to the socket, after those of all requests
 *   before it.
 * - The body is faulty: its request is there and gets the error as its own answer.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type net from 'node:net';
import { GatewayError } from '../../shared/errors.ts';
import { systemCode } from '../../shared/host/system-code.ts';
import type { ClientConnections } from '../../shared/http/client-connections.ts';
import { errorEnvelope } from '../../wire/error-envelope.ts';
import type { RequestLine } from '../reporting/request-line.ts';
import type { PlaneState } from '../request/plane-state.ts';

/** Time that a client gets to read the answer; what it still sends is read and dropped meanwhile. */
const LAST_BYTES_MS = 1_000;

/** A listener for `clientError`. */
export function onClientError(plane: PlaneState, connections: ClientConnections) {
  return (cause: Error, socket: net.Socket): void => {
    const connection = connections.of(socket);
    const error = errorFor(cause);
    // Broken connections, and clients that ended in the middle of a message, get no answer: nobody would read it.
    if (connection === null || (error === null && connection.isIdle)) {
      socket.destroy();
      return;
    }
    // The parser reports again for each segment that still comes.
    if (connection.closing) return;
    const { unfinished } = connection;
    const request = plane.open.all().find(({ incoming }) => incoming === unfinished);
    if (request !== undefined) {
      if (error === null) socket.destroy();
      else {
        connection.broken(null);
        request.fail(error);
      }
    } else {
      // A browser opens connections in advance: without a byte, there is nothing to answer.
      const isOfNone = unfinished === null || connection.isWaiting(unfinished);
      const answers = error !== null && isOfNone && socket.bytesRead > 0;
      connection.broken(answers ? () => answerFault(plane, socket, error) : null);
    }
  };
}

/** The error for what the parser reports; null if the client has left, or its connection is broken. */
function errorFor(cause: Error): GatewayError | null {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new GatewayError('headers_too_large', 'The headers are larger than 16 KiB.', { cause });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new GatewayError('body_too_large', 'The chunk extensions of the body are too large.', { cause });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new GatewayError('request_timeout', 'The request did not come in time.', { cause });
    case 'HPE_INVALID_EOF_STATE':
      return null;
    default:
      if (!code.startsWith('HPE_')) return null;
      return new GatewayError('malformed_request', 'The request is no valid HTTP.', { cause });
  }
}

function answerFault(plane: PlaneState, socket: net.Socket, error: GatewayError): void {
  const { outbox, clock, requestLog, failures, slot } = plane;
  const { owner, code, status } = error;
  const id = randomUUID();
  const facts = { owner, provider: null, attempts: '', request_id: id };
  const body = JSON.stringify(errorEnvelope(error, facts));
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `x-request-id: ${id}`,
    `x-headgate-worker: ${slot}`,
    ...(error.retryable ? [] : ['x-should-retry: false']),
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ];
  const common = { provider: 'unknown', status: 'error', model: 'other', endpoint: 'other' } as const;
  outbox.push({ type: 'rejected', reason: 'validation' });
  outbox.push({ type: 'request-ended', ...common, seconds: 0, overheadSeconds: 0, code });
  outbox.whenDelivered(() => {
    socket.end(lines.join('\r\n'));
    const limit = clock.after(LAST_BYTES_MS, () => socket.destroy());
    socket.once('close', () => limit.cancel());
  });
  const line: RequestLine = {
    ...{ id, model: 'other', provider: 'unknown', upstreamModel: null, upstreamRequestId: null },
    ...{ outcome: 'error', status, stream: false, durationMs: 0, firstContentMs: null, attempts: '' },
    ...{ inputTokens: 0, outputTokens: 0, owner, code, cause: systemCode(error.cause) },
  };
  requestLog.write(line);
  failures.add(line, { endpoint: common.endpoint, configuredModel: null });
}
