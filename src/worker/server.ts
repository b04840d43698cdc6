/**
 * The data plane: the HTTP server of one worker. The hot route is tried first and is a plain function; everything else
 * is express (`side-routes.ts`).
 *
 * Draining closes only the listener: open connections are answered with `Connection: close`, idle ones are waited for
 * until their keep-alive would have ended, and at the limit open streams get their error event. `server.close()` would
 * cut idle keep-alive connections at once, which is how clients get resets in a roll.
 */
import http from 'node:http';
import net from 'node:net';
import type { Config } from '../config/types.ts';
import { type Clock, sleep } from '../shared/clock.ts';
import { GatewayError } from '../shared/errors.ts';
import type { WorkerInit } from '../shared/ipc.ts';
import type { Log, Redactor } from '../shared/log.ts';
import { ActiveRequest } from './active-request.ts';
import type { CircuitGate } from './circuit-gate.ts';
import type { Outbox } from './outbox.ts';
import { PlaneState } from './plane-state.ts';
import { refuse, serveChatCompletion } from './request.ts';
import { sideRoutes } from './side-routes.ts';

/** What the worker's life does with its data plane. */
export interface DataPlane {
  readonly server: http.Server;
  /** Requests under way. */
  inFlight(): number;
  /** Takes a new configuration for requests that arrive from now on. */
  reconfigure(config: Config): void;
  /** `/health` says 503 from now on, and answers carry `Connection: close`. */
  announce(): void;
  /** Closes the listener only; resolves when all requests are finished, or ended by their error event at the limit. */
  drain(limitMs: number): Promise<void>;
}

interface DataPlaneParts {
  readonly init: WorkerInit;
  readonly outbox: Outbox;
  readonly gate: CircuitGate;
  readonly redactor: Redactor;
  readonly log: Log;
  readonly clock: Clock;
}

/** Slow senders are cut: headers within 10 s, the whole request within 60 s, looked at every 2 s. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const CONNECTIONS_CHECK_MS = 2_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Under a flood of new connections the listener closes after so long, whoever waits. */
const TAKE_WAITING_MS = 1_000;

/** Idle keep-alive connections are waited for at most so long in a drain. */
const IDLE_WAIT_MS = 10_000;

/** How often connections that became idle are looked for after that. */
const IDLE_SWEEP_MS = 50;

/** What ended requests get to write their last bytes in. */
const LAST_WORDS_MS = 1_000;

/** Builds the data plane; it does not listen yet. */
export function createDataPlane({ init, outbox, gate, redactor, log, clock }: DataPlaneParts): DataPlane {
  const { config, slot } = init;
  const plane = new PlaneState({ config, slot, outbox, gate, redactor, log, clock, random: Math.random });
  const side = sideRoutes(plane, init);
  const server = http.createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: config.server.keepAliveMs,
      insecureHTTPParser: false,
    },
    (incoming, outgoing) => dispatch(plane, side, incoming, outgoing),
  );
  // A body that is too large by its own word is refused before it is sent.
  server.on('checkContinue', (incoming: http.IncomingMessage, outgoing: http.ServerResponse) => {
    if (Number(incoming.headers['content-length'] ?? 0) <= plane.config.server.maxBodyBytes) outgoing.writeContinue();
    dispatch(plane, side, incoming, outgoing);
  });
  return {
    server,
    inFlight: () => plane.open.size,
    reconfigure: (next) => plane.reconfigure(next),
    announce: () => {
      plane.draining = true;
    },
    drain: (limitMs) => drain(plane, server, limitMs),
  };
}

function dispatch(
  plane: PlaneState,
  side: http.RequestListener,
  incoming: http.IncomingMessage,
  outgoing: http.ServerResponse,
): void {
  const { method, url = '' } = incoming;
  const path = url.split('?', 1)[0] ?? '';
  if (method === 'POST' && path === '/v1/chat/completions') {
    void serveChatCompletion(new ActiveRequest(plane, incoming, outgoing, 'chat_completions'));
  } else if (method === 'POST' && path.startsWith('/v1/')) {
    const request = new ActiveRequest(plane, incoming, outgoing, 'other');
    refuse(request, new GatewayError('not_found', 'There is no such endpoint. Known: POST /v1/chat/completions.'));
  } else {
    if (plane.draining) outgoing.shouldKeepAlive = false;
    side(incoming, outgoing);
  }
}

/**
 * Lets the connections in that wait at the listener, whose end would reset them. One is taken per turn of the event
 * loop, so the turn that takes none is the one after which hardly any can be waiting.
 */
async function takeWaiting(server: http.Server, clock: Clock, untilMs: number): Promise<void> {
  let taken = false;
  const onConnection = () => {
    taken = true;
  };
  const turnEnds = () => new Promise<void>((resolve) => setImmediate(resolve));
  server.on('connection', onConnection);
  // What is left of this turn may not look at the listener any more.
  await turnEnds();
  do {
    taken = false;
    await turnEnds();
  } while (taken && clock.nowMs() < untilMs);
  server.off('connection', onConnection);
}

async function drain(plane: PlaneState, server: http.Server, limitMs: number): Promise<void> {
  const { clock } = plane;
  const startedMs = clock.nowMs();
  const limit = startedMs + limitMs;
  plane.draining = true;
  await takeWaiting(server, clock, Math.min(limit, startedMs + TAKE_WAITING_MS));
  // Only the listener: http's own close() would also end idle connections at once.
  const closed = new Promise<void>((resolve) => {
    net.Server.prototype.close.call(server, () => resolve());
  });
  const idleUntil = startedMs + Math.min(plane.config.server.keepAliveMs, IDLE_WAIT_MS, limitMs);
  await Promise.race([closed, sleep(clock, idleUntil - clock.nowMs())]);
  // A stream that began before the drain leaves its connection open when it ends: such a one is closed then.
  const sweeper = clock.every(IDLE_SWEEP_MS, () => server.closeIdleConnections());
  await Promise.race([closed, sleep(clock, limit - clock.nowMs())]);
  sweeper.cancel();
  for (const cancellation of plane.open) cancellation.abort('limit');
  await Promise.race([closed, sleep(clock, plane.open.size > 0 ? LAST_WORDS_MS : 0)]);
  server.closeAllConnections();
  await plane.tools.pools.close();
}
