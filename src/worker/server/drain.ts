/**
 * The drain of a worker's HTTP server, in order:
 *
 *   accept the connections that wait at the listener → close only the listener → answer with `Connection: close`
 *   → an idle keep-alive connection stays open for its keep-alive time, at most 10 s after its last answer
 *   → open requests finish ─ or, at the limit, are ended with an error event → no connection is left
 *
 * A stream that began before the drain has sent its head, so its answer cannot announce the close. The next request on
 * its connection can: it is served, with `Connection: close`. Closing such a connection together with its terminal would
 * be sooner but lose requests: many clients send the next one as soon as they have read the terminal, before they
 * notice that the connection is closed. `client-connections.ts` closes those on which nothing follows.
 */
import type http from 'node:http';
import net from 'node:net';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { ClientConnections } from '../../shared/http/client-connections.ts';
import type { PlaneState } from '../request/plane-state.ts';

/** Longest wait for an idle keep-alive connection. */
const IDLE_WAIT_MS = 10_000;

/** Time that requests ended at the limit get to write their last bytes, and idle clients to close their connection. */
const LAST_BYTES_MS = 1_000;

/** How often requests that arrive after the limit are refused. */
const REFUSE_EVERY_MS = 50;

/** Longest time in which waiting connections are accepted: under load, new ones never stop. */
const ACCEPT_WAITING_MS = 1_000;

/** Drains a server once. A further call of `start` can only shorten the drain. */
export class Drain {
  readonly #plane: PlaneState;
  readonly #server: http.Server;
  readonly #connections: ClientConnections;
  /** Aborted when the limit is reached. */
  readonly #limit = new AbortController();
  #done: Promise<void> | null = null;

  constructor(plane: PlaneState, server: http.Server, connections: ClientConnections) {
    this.#plane = plane;
    this.#server = server;
    this.#connections = connections;
  }

  /** Starts the drain, or shortens it to `limitMs` from now. Resolves when no connection is left. */
  start(limitMs: number): Promise<void> {
    this.#plane.clock.after(limitMs, () => this.#limit.abort());
    this.#done ??= this.#run(limitMs);
    return this.#done;
  }

  async #run(limitMs: number): Promise<void> {
    const { clock, config, tools } = this.#plane;
    const { signal } = this.#limit;
    const endsAtMs = clock.nowMs() + limitMs;
    const idleMs = Math.min(config.server.keepAliveMs, IDLE_WAIT_MS);
    this.#plane.draining = true;
    await acceptWaiting(this.#server, clock, clock.nowMs() + Math.min(limitMs, ACCEPT_WAITING_MS));
    const closed = new Promise<void>((resolve) => {
      net.Server.prototype.close.call(this.#server, () => resolve());
    });
    // Holds for connections whose answer began before the drain, so that it could not announce the close.
    this.#server.keepAliveTimeout = idleMs;
    const idle = this.#connections.idle();
    await Promise.race([closed, sleep(clock, Math.min(idleMs, endsAtMs - clock.nowMs()), signal)]);
    this.#connections.close(idle);
    await Promise.race([closed, untilAborted(signal)]);
    this.#cancelOpen();
    const refusing = clock.every(REFUSE_EVERY_MS, () => this.#cancelOpen());
    this.#connections.close(this.#connections.idle());
    await Promise.race([closed, sleep(clock, LAST_BYTES_MS)]);
    refusing.cancel();
    this.#server.closeAllConnections();
    await tools.pools.destroy();
    await this.#plane.tracing.stop();
  }

  #cancelOpen(): void {
    for (const { cancellation } of this.#plane.open.all()) cancellation.cancel('limit');
  }
}

/**
 * Accepts the connections that wait at the listener; closing the listener would reset them. One is accepted per turn of
 * the event loop, so after a turn that accepts none, hardly any can be waiting.
 */
async function acceptWaiting(server: http.Server, clock: Clock, untilMs: number): Promise<void> {
  let accepted = false;
  const onConnection = () => {
    accepted = true;
  };
  const turnEnds = () => new Promise<void>((resolve) => setImmediate(resolve));
  server.on('connection', onConnection);
  // The rest of the current turn may accept no connection, so it does not count.
  await turnEnds();
  do {
    accepted = false;
    await turnEnds();
  } while (accepted && clock.nowMs() < untilMs);
  server.off('connection', onConnection);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
