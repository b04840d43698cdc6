/**
 * The data plane: the HTTP server of one worker. It lets a request in or refuses it by its head; `endpoints.ts` has what
 * there is to ask for, and `dispatch.ts` who answers. `drain.ts` ends the server.
 */
import type http from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Config } from '../../shared/config.ts';
import { GatewayError } from '../../shared/errors.ts';
import type { ConnectionDropped } from '../../shared/events.ts';
import { ClientConnections, KEEP_ALIVE_PROBES } from '../../shared/http/client-connections.ts';
import { connectionCap, readDescriptors } from '../../shared/http/descriptors.ts';
import { framingFault, wantsUpgrade } from '../../shared/http/framing-fault.ts';
import { createListener, type ListenerTls } from '../../shared/http/listener.ts';
import { tellsTlsGreetings } from '../../shared/http/tls-greeting.ts';
import type { SeenTarget, SilentProvider, WorkerInit } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import { OnceASecond } from '../../shared/once-a-second.ts';
import type { Redactor } from '../../shared/secrets/redactor.ts';
import type { ServerCertificate } from '../../shared/tls/server-certificate.ts';
import type { CircuitGate } from '../circuits/circuit-gate.ts';
import type { WorkerCredentials } from '../credentials/worker-credentials.ts';
import { checkBodySize } from '../policies/admission.ts';
import type { PriceBook } from '../prices/price-book.ts';
import type { FailureReports } from '../reporting/failure-reports.ts';
import type { Outbox } from '../reporting/outbox.ts';
import type { RequestLog } from '../reporting/request-log.ts';
import { ActiveRequest } from '../request/active-request.ts';
import type { AskedEndpoint } from '../request/asked-endpoint.ts';
import { PlaneState } from '../request/plane-state.ts';
import { refuse } from '../request/refuse.ts';
import { STREAM_BUFFER_BYTES } from '../upstream/connectors.ts';
import { BrowserGuard } from './browser-guard.ts';
import { type Answerers, dispatch } from './dispatch.ts';
import { Drain } from './drain.ts';
import { askedElsewhere, createEndpoints } from './endpoints.ts';
import { onClientError } from './parser-faults.ts';

/** The data plane as `WorkerLifecycle` uses it. */
export interface DataPlane {
  readonly server: http.Server;
  /** Requests under way. */
  inFlight(): number;
  /** Targets that are balanced by latency or load, as this worker sees them. */
  traffic(): readonly SeenTarget[];
  /** Providers for which requests have waited long. */
  silent(): readonly SilentProvider[];
  /** Applies a new configuration to requests that arrive from now on. */
  reconfigure(config: Config): void;
  /** Resolves when traces are made as configured; at once where there are none. */
  traced(): Promise<void>;
  /** Shows another certificate to connections that come from now on. */
  certify(certificate: ServerCertificate): void;
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
  readonly credentials: WorkerCredentials;
  readonly prices: PriceBook;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly requestLog: RequestLog;
  readonly failures: FailureReports;
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

/** Builds the data plane; it does not listen yet. */
export function createDataPlane({ init, ...parts }: DataPlaneOptions): DataPlane {
  const { config, slot } = init;
  const plane = new PlaneState({ config, slot: String(slot), ...parts, random: Math.random });
  const options = {
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
  };
  const { server, renew } = createListener(options, listenerTls(init, plane));
  const connections = new ClientConnections(server, connectionOptions(plane));
  const answerers = { plane, endpoints: createEndpoints(plane, init), guard: new BrowserGuard(config.server) };
  const routing = { ...answerers, connections };
  server.on('request', (incoming, outgoing) => arrive(routing, incoming, outgoing, 'nothing'));
  // A body that would be refused is not requested.
  server.on('checkContinue', (incoming, outgoing) => arrive(routing, incoming, outgoing, 'continue'));
  server.on('checkExpectation', (incoming, outgoing) => arrive(routing, incoming, outgoing, 'unknown'));
  server.on('clientError', onClientError(plane, connections));
  server.on('clientError', tellsTlsGreetings(server, 'server', plane.clock, plane.log));
  const drain = new Drain(plane, server, connections);
  return {
    server,
    inFlight: () => plane.open.size,
    traffic: () => plane.traffic.seen(plane.clock.nowMs()),
    silent: () => plane.silent(),
    reconfigure: (next) => plane.reconfigure(next),
    traced: () => plane.tracing.reconfigure(plane.config.tracing),
    certify: renew,
    announce: () => {
      plane.draining = true;
    },
    drain: (limitMs) => drain.start(limitMs),
  };
}

/** Clients without a certificate, where they need one, get no further than the handshake. */
function listenerTls({ certificate, relaySecret }: WorkerInit, { clock, log }: PlaneState): ListenerTls | null {
  if (certificate === null) return null;
  const lines = new OnceASecond(clock);
  return {
    certificate,
    demands: true,
    ticketSecret: relaySecret,
    plainlyAsked: () => {
      const withheld = lines.pass();
      const text = 'a client speaks plain HTTP to the data port, which has TLS: its URL must begin with https://';
      if (withheld !== null) log.warn({ withheld }, text);
    },
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
interface Routing extends Answerers {
  readonly connections: ClientConnections;
}

/** What a request's Expect header wants before its body is sent. */
type Expectation = 'nothing' | 'continue' | 'unknown';

function arrive(
  routing: Routing,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
  expects: Expectation,
): void {
  const { method = '', url = '' } = incoming;
  const fault = framingFault(incoming);
  const found = routing.endpoints.find(method, url);
  const asked = found.kind === 'counted' ? found.endpoint : askedElsewhere(incoming.headers);
  const refusal = routing.guard.refusal(incoming);
  const asksForBody =
    expects === 'continue' && fault === null && refusal === null && wouldAdmit(routing.plane, asked, incoming);
  routing.connections.arrived({
    incoming,
    outgoing,
    // Of the bytes after a wish to upgrade, which is not granted, Node's parser drops those of the same segment. After a
    // body that was not asked for, Node closes the connection, since nobody knows whether that is still to come.
    last: fault !== null || wantsUpgrade(incoming) || (expects === 'continue' && !asksForBody),
    proves: found.kind === 'counted',
    asksForBody,
    serve: () => {
      const unmet = expects === 'unknown' ? unknownExpectation() : refusal;
      const error = fault ?? unmet;
      if (error !== null) {
        return refuse(new ActiveRequest(routing.plane, incoming, outgoing, asked), error);
      }
      if (asksForBody) outgoing.writeContinue();
      dispatch(routing, incoming, outgoing, found);
    },
  });
}

function unknownExpectation(): GatewayError {
  return new GatewayError('expectation_failed', 'The only known expectation is 100-continue.');
}

/** Whether the headers alone allow reading the body. If not, the request's own checks send the reason. */
function wouldAdmit(plane: PlaneState, { dialect }: AskedEndpoint, { headers }: http.IncomingMessage): boolean {
  try {
    plane.authenticate(headers, dialect);
    checkBodySize(plane.config.server, Number(headers['content-length'] ?? 0));
    return true;
  } catch {
    // The same check throws again when the request is served, and its error is answered there.
    return false;
  }
}
