/**
 * The data plane: the HTTP server of one worker. The hot route is checked first and is a plain function; everything
 * else is express (`routes.ts`). `drain.ts` ends the server.
 */
import http from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import type { ConnectionDropped } from '../../shared/events.ts';
import { ClientConnections, KEEP_ALIVE_PROBES } from '../../shared/http/client-connections.ts';
import { connectionCap, readDescriptors } from '../../shared/http/descriptors.ts';
import { framingFault } from '../../shared/http/framing-fault.ts';
import type { WorkerInit } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { OnceASecond } from '../../shared/once-a-second.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import { checkBodySize } from '../policies/admission.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { RequestLog } from '../reporting/request-log.ts';
import { ActiveRequest } from '../request/active-request.ts';
import { PlaneState } from '../request/plane-state.ts';
import { refuse, serveChatCompletion } from '../request/request.ts';
import { STREAM_BUFFER_BYTES } from '../upstream/upstream-pools.ts';
import { BrowserGuard } from './browser-guard.ts';
import { Drain } from './drain.ts';
import { onClientError } from './parser-faults.ts';
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

/** The hot route. */
const CHAT_PATH = '/v1/chat/completions';

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
      ...KEEP_ALIVE_PROBES,
      keepAliveTimeout: config.server.keepAliveMs,
      insecureHTTPParser: false,
      // A request without a Host gets its 400 from `framingFault`.
      requireHostHeader: false,
    },
    (incoming, outgoing) => arrive(routing, incoming, outgoing, 'nothing'),
  );
  // A body that would be refused is not requested.
  server.on('checkContinue', (incoming, outgoing) => arrive(routing, incoming, outgoing, 'continue'));
  server.on('checkExpectation', (incoming, outgoing) => arrive(routing, incoming, outgoing, 'unknown'));
  const connections = new ClientConnections(server, connectionOptions(plane));
  const routing = { plane, others, connections, guard: new BrowserGuard(config.server) };
  server.on('clientError', onClientError(plane, connections));
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

function connectionOptions(plane: PlaneState) {
  const { maxConnections, maxConnectionsPerAddress } = plane.config.server;
  const most = connectionCap(maxConnections, readDescriptors());
  const log = new OnceASecond(plane.clock);
  return {
    clock: plane.clock,
    most,
    // Fewer in the same proportion, so that one address cannot take all of them.
    mostPerAddress: Math.max(1, Math.ceil(Math.min(1, maxConnectionsPerAddress / maxConnections) * most)),
    dropped: (reason: ConnectionDropped) => {
      plane.outbox.push({ type: 'connection-dropped', reason });
      const withheld = log.pass();
      if (withheld !== null) plane.log.warn({ reason, most, withheld }, 'too many client connections: one is closed');
    },
  };
}

/** Where requests go, and where their connections are known. */
interface Routing {
  readonly plane: PlaneState;
  readonly others: http.RequestListener;
  readonly connections: ClientConnections;
  readonly guard: BrowserGuard;
}

/** What a request's Expect header wants before its body is sent. */
type Expectation = 'nothing' | 'continue' | 'unknown';

function arrive(
  routing: Routing,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  expects: Expectation,
): void {
  const { socket, method, url = '' } = incoming;
  const fault = framingFault(incoming);
  const target = targetOf(url);
  const path = target?.split('?', 1)[0] ?? '';
  const isChat = method === 'POST' && path === CHAT_PATH;
  routing.connections.arrived({
    incoming,
    outgoing,
    // Of the bytes after a wish to upgrade, which is not granted, Node's parser drops those of the same segment.
    last: fault !== null || wantsUpgrade(incoming),
    proves: isChat,
    serve: () => {
      // Our direction of the connection is closed: no answer can be sent, so nothing may be done. The client knows by
      // the FIN that its request was not served.
      if (!socket.writable) return;
      let error: GatewayError | null = null;
      if (fault !== null) {
        error = new GatewayError(
          fault.status === 400 ? 'malformed_request' : 'unsupported_transfer_coding',
          fault.message,
        );
      } else if (expects === 'unknown') {
        error = new GatewayError('expectation_failed', 'The only known expectation is 100-continue.');
      } else {
        error = routing.guard.refusal(incoming);
      }
      if (error !== null) return refuse(new ActiveRequest(routing.plane, incoming, outgoing, 'other'), error);
      if (expects === 'continue' && wouldAdmit(routing.plane, incoming)) outgoing.writeContinue();
      if (target !== null) incoming.url = target;
      dispatch(routing, incoming, outgoing, target === null ? null : path);
    },
  });
}

function wantsUpgrade({ headers }: http.IncomingMessage): boolean {
  return headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '');
}

/** @param path null for a target that is no path of this server's */
function dispatch(
  { plane, others, guard }: Routing,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  path: string | null,
): void {
  const isPost = incoming.method === 'POST';
  if (guard.answersPreflight(incoming, outgoing)) return;
  if (isPost && path === CHAT_PATH) {
    void serveChatCompletion(new ActiveRequest(plane, incoming, outgoing, 'chat_completions'));
  } else if (path === null || (isPost && path.startsWith('/v1/'))) {
    refuseUnknown(new ActiveRequest(plane, incoming, outgoing, 'other'));
  } else {
    if (plane.draining) outgoing.shouldKeepAlive = false;
    others(incoming, outgoing);
  }
}

/**
 * The path and query of a request target. A proxy may send its absolute form (RFC 9112, 3.2.2), whose host is ignored;
 * null for any other scheme or form.
 */
function targetOf(target: string): string | null {
  if (target.startsWith('/')) return target;
  return /^https?:\/\/[^/?#]+(\/.*)$/i.exec(target)?.[1] ?? null;
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
