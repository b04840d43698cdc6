/**
 * The data plane: the HTTP server of one worker. The hot route is checked first and is a plain function; everything
 * else is express (`routes.ts`). `drain.ts` ends the server.
 */
import http from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { Redactor } from '../../shared/redactor.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import { checkBodySize } from '../policies/admission.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { RequestLog } from '../reporting/request-log.ts';
import { ActiveRequest } from '../request/active-request.ts';
import { PlaneState } from '../request/plane-state.ts';
import { refuse, serveChatCompletion } from '../request/request.ts';
import { STREAM_BUFFER_BYTES } from '../upstream/upstream-pools.ts';
import { Connections } from './connections.ts';
import { Drain } from './drain.ts';
import { routes } from './routes.ts';

/** The data plane as `WorkerLifecycle` uses it. */
export interface DataPlane {
  readonly server: http.Server;
  /** Requests under way. */
  inFlight(): number;
  /** Applies a new configuration to requests that arrive from now on. */
  reconfigure(config: Config): void;
  /** From now on, `/health` answers 503 and all answers have `Connection: close`. */
  announce(): void;
  /**
   * Closes only the listener. Resolves when all requests have finished, or were ended with an error event at the limit.
   * A further call only shortens the drain.
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
 * Limits for slow senders: headers must arrive within 10 s, checked every 2 s. The body has its own limit (`body.ts`),
 * which sends an answer and is counted; Node's request timeout, for the whole body however steadily it comes, is only a
 * backstop for it.
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
  const others = routes(plane, init);
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
    (incoming, outgoing) => dispatch(routing, incoming, outgoing),
  );
  // A body that would be refused is not requested.
  server.on('checkContinue', (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    if (incoming.socket.writable && wouldAdmit(plane, incoming)) outgoing.writeContinue();
    dispatch(routing, incoming, outgoing);
  });
  const connections = new Connections(server, plane.clock);
  const routing = { plane, others, connections };
  const drain = new Drain(plane, server, connections);
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

/** Where requests go, and where their connections are known. */
interface Routing {
  readonly plane: PlaneState;
  readonly others: http.RequestListener;
  readonly connections: Connections;
}

function dispatch(
  { plane, others, connections }: Routing,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): void {
  const { method, url = '', socket } = incoming;
  const path = pathOf(url);
  // Our direction of the connection is closed: no answer can be sent, so nothing may be done. The client knows by the
  // FIN that its request was not served.
  if (!socket.writable) return;
  if (method === 'POST' && path === '/v1/chat/completions') {
    void serveChatCompletion(new ActiveRequest(plane, incoming, outgoing, 'chat_completions'));
  } else if (method === 'POST' && path.startsWith('/v1/')) {
    connections.serves(socket, outgoing);
    refuseUnknown(new ActiveRequest(plane, incoming, outgoing, 'other'));
  } else {
    connections.serves(socket, outgoing);
    if (plane.draining) outgoing.shouldKeepAlive = false;
    others(incoming, outgoing);
  }
}

/** The path of a request target. A proxy may send its absolute form (RFC 9112, 3.2.2); the host is ignored. */
function pathOf(target: string): string {
  const path = target.startsWith('/') ? target : (/^https?:\/\/[^/]*(\/.*)$/i.exec(target)?.[1] ?? '');
  return path.split('?', 1)[0] ?? '';
}

/** Refuses an unknown endpoint. Only authenticated clients learn which endpoints exist. */
function refuseUnknown(request: ActiveRequest): void {
  try {
    request.plane.authenticate(request.incoming.headers.authorization);
    refuse(request, new GatewayError('not_found', 'There is no such endpoint. Known: POST /v1/chat/completions.'));
  } catch (error) {
    refuse(request, error);
  }
}

/** Whether the headers alone allow reading the body. If not, the request's own checks send the reason. */
function wouldAdmit(plane: PlaneState, { headers }: http.IncomingMessage): boolean {
  try {
    plane.authenticate(headers.authorization);
    checkBodySize(plane.config.server, Number(headers['content-length'] ?? 0));
    return true;
  } catch {
    // The same check throws again when the request is served, and its error is answered there.
    return false;
  }
}
