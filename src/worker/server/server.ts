/**
 * The data plane: the HTTP server of one worker. The hot route is tried first and is a plain function; everything else
 * is express (`routes.ts`). How it ends is told in `drain.ts`.
 */
import http from 'node:http';
import type net from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import type { Log, Redactor } from '../../shared/log.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import { checkBodySize } from '../policies/admission.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { RequestLog } from '../reporting/request-log.ts';
import { ActiveRequest } from '../request/active-request.ts';
import { PlaneState } from '../request/plane-state.ts';
import { refuse, serveChatCompletion } from '../request/request.ts';
import { STREAM_BUFFER_BYTES } from '../upstream/upstream-pools.ts';
import { Drain } from './drain.ts';
import { routes } from './routes.ts';

/** What the worker's life does with its data plane. */
export interface DataPlane {
  readonly server: http.Server;
  /** Requests under way. */
  inFlight(): number;
  /** Takes a new configuration for requests that arrive from now on. */
  reconfigure(config: Config): void;
  /** `/health` says 503 from now on, and answers carry `Connection: close`. */
  announce(): void;
  /**
   * Closes the listener only; resolves when all requests are finished, or ended by their error event at the limit. Told
   * again, the drain under way is only shortened.
   */
  drain(limitMs: number): Promise<void>;
}

interface DataPlaneOptions {
  readonly init: WorkerInit;
  readonly outbox: Outbox;
  readonly gate: CircuitGate;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly requestLog: RequestLog;
  readonly clock: Clock;
}

/**
 * Slow senders are cut: headers within 10 s, looked at every 2 s. The body has its own limit (`body.ts`), which answers
 * and is counted; Node's, over the whole body however steadily it comes, is only the backstop behind it.
 */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 3_600_000;
const CONNECTIONS_CHECK_MS = 2_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** A client that is silent for so long is asked by TCP whether it is still there. */
const KEEP_ALIVE_PROBE_MS = 60_000;

/** Builds the data plane; it does not listen yet. */
export function createDataPlane({ init, ...parts }: DataPlaneOptions): DataPlane {
  const { config, slot } = init;
  const plane = new PlaneState({ config, slot: String(slot), ...parts, random: Math.random });
  const side = routes(plane, init);
  const server = http.createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      highWaterMark: STREAM_BUFFER_BYTES,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
      keepAliveTimeout: config.server.keepAliveMs,
      insecureHTTPParser: false,
    },
    (incoming, outgoing) => dispatch(plane, side, incoming, outgoing),
  );
  server.on('timeout', closeIfSilent);
  // A body that will be refused is not asked for.
  server.on('checkContinue', (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    if (wouldAdmit(plane, incoming)) outgoing.writeContinue();
    dispatch(plane, side, incoming, outgoing);
  });
  const drain = new Drain(plane, server);
  return {
    server,
    inFlight: () => plane.open.size,
    reconfigure: (next) => plane.reconfigure(next),
    announce: () => {
      plane.draining = true;
    },
    drain: (limitMs) => drain.start(limitMs),
  };
}

/**
 * Closes a connection whose time is over, unless its next request is waiting to be read: after the process stood still,
 * timers come before sockets.
 */
function closeIfSilent(socket: net.Socket): void {
  const { bytesRead } = socket;
  setImmediate(() =>
    setImmediate(() => {
      if (socket.bytesRead === bytesRead) socket.destroy();
    }),
  );
}

function dispatch(
  plane: PlaneState,
  side: http.RequestListener,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): void {
  const { method, url = '' } = incoming;
  const path = pathOf(url);
  if (method === 'POST' && path === '/v1/chat/completions') {
    void serveChatCompletion(new ActiveRequest(plane, incoming, outgoing, 'chat_completions'));
  } else if (method === 'POST' && path.startsWith('/v1/')) {
    refuseUnknown(new ActiveRequest(plane, incoming, outgoing, 'other'));
  } else {
    if (plane.draining) outgoing.shouldKeepAlive = false;
    side(incoming, outgoing);
  }
}

/** The path of a request target, which a proxy may send in its absolute form (RFC 9112, 3.2.2); the host is not looked at. */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : (/^https?:\/\/[^/]*(\/.*)$/i.exec(target)?.[1] ?? '');
  return path.split('?', 1)[0] ?? '';
}

/** An endpoint that is not there, for those who may know what is. */
function refuseUnknown(request: ActiveRequest): void {
  try {
    request.plane.authenticate(request.incoming.headers.authorization);
    refuse(request, new GatewayError('not_found', 'There is no such endpoint. Known: POST /v1/chat/completions.'));
  } catch (error) {
    refuse(request, error);
  }
}

/** Whether the headers alone speak for reading the body; why not is told by the request itself. */
function wouldAdmit(plane: PlaneState, { headers }: http.IncomingMessage): boolean {
  try {
    plane.authenticate(headers.authorization);
    checkBodySize(plane.config.server, Number(headers['content-length'] ?? 0));
    return true;
  } catch {
    // The same check throws again where the request is served, and is answered there.
    return false;
  }
}
