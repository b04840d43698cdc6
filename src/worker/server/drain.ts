/**
 * The drain of a worker's HTTP server, in order:
 *
 *   accept the connections that wait at the listener → close only the listener → answer with `Connection: close`
 *   → leave idle keep-alive connections open until their keep-alive time would have ended them
 *   → open requests finish ─ or, at the limit, are ended with an error event → no connection is left
 *
 * `server.close()` would cut idle keep-alive connections immediately, and clients would get resets in a roll.
 */
import type http from 'node:http';
import net from 'node:net';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { PlaneState } from '../request/plane-state.ts';

/** Longest wait for idle keep-alive connections. */
const IDLE_WAIT_MS = 10_000;

/** How often idle connections are closed after that wait. */
const IDLE_SWEEP_MS = 50;

/** Time that requests ended at the limit get to write their last bytes. */
const LAST_BYTES_MS = 1_000;

/** Longest time in which waiting connections are accepted: under load, new ones never stop. */
const ACCEPT_WAITING_MS = 1_000;

/** Drains a server once. A further call of `start` can only shorten the drain. */
export class Drain {
  readonly #plane: PlaneState;
  readonly #server: http.Server;
  /** Aborted when the limit is reached. */
  readonly #limit = new AbortController();
  #done: Promise<void> | null = null;

  constructor(plane: PlaneState, server: http.Server) {
    this.#plane = plane;
    this.#server = server;
  }

  /** Starts the drain, or shortens it to `limitMs` from now. Resolves when no connection is left. */
  start(limitMs: number): Promise<void> {
    this.#plane.clock.after(limitMs, () => this.#limit.abort());
    this.#done ??= this.#run(limitMs);
    return this.#done;
  }

  async #run(limitMs: number): Promise<void> {
    const { clock, config, open, tools } = this.#plane;
    const { signal } = this.#limit;
    const idleUntilMs = clock.nowMs() + Math.min(config.server.keepAliveMs, IDLE_WAIT_MS, limitMs);
    this.#plane.draining = true;
    await acceptWaiting(this.#server, clock, clock.nowMs() + Math.min(limitMs, ACCEPT_WAITING_MS));
    const closed = new Promise<void>((resolve) => {
      net.Server.prototype.close.call(this.#server, () => resolve());
    });
    await Promise.race([closed, sleep(clock, idleUntilMs - clock.nowMs(), signal)]);
    // A stream that began before the drain leaves its connection open when it ends. The sweeper closes it then.
    const sweeper = clock.every(IDLE_SWEEP_MS, () => this.#server.closeIdleConnections());
    await Promise.race([closed, untilAborted(signal)]);
    sweeper.cancel();
    for (const cancellation of open.all()) cancellation.cancel('limit');
    await Promise.race([closed, sleep(clock, open.size > 0 ? LAST_BYTES_MS : 0)]);
    this.#server.closeAllConnections();
    await tools.pools.destroy();
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
