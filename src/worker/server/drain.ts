/**
 * The end of a worker's listening, told top to bottom:
 *
 *   take in who waits at the listener → close only the listener → answer with `Connection: close`
 *   → give idle keep-alive connections the time in which they would have ended anyway
 *   → open requests finish ─ or, at the limit, are ended by their error event → nothing is connected any more
 *
 * `server.close()` would cut idle keep-alive connections at once, which is how clients get resets in a roll.
 */
import type http from 'node:http';
import net from 'node:net';
import { type Clock, sleep } from '../../shared/clock.ts';
import type { PlaneState } from '../request/plane-state.ts';

/** Idle keep-alive connections are waited for at most so long. */
const IDLE_WAIT_MS = 10_000;

/** How often connections that became idle are looked for after that. */
const IDLE_SWEEP_MS = 50;

/** What ended requests get to write their last bytes in. */
const LAST_WORDS_MS = 1_000;

/** Connections that wait at the listener are taken in for at most so long: under load there is always another. */
const TAKE_WAITING_MS = 1_000;

/** Ends a server once; told again, it can only be sooner over. */
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

  /** Starts it, or shortens the one under way to `limitMs` from now; resolves when nothing is connected any more. */
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
    await takeWaiting(this.#server, clock, clock.nowMs() + Math.min(limitMs, TAKE_WAITING_MS));
    const closed = new Promise<void>((resolve) => {
      net.Server.prototype.close.call(this.#server, () => resolve());
    });
    await Promise.race([closed, sleep(clock, idleUntilMs - clock.nowMs(), signal)]);
    // A stream that began before the drain leaves its connection open when it ends: such a one is closed then.
    const sweeper = clock.every(IDLE_SWEEP_MS, () => this.#server.closeIdleConnections());
    await Promise.race([closed, untilAborted(signal)]);
    sweeper.cancel();
    for (const cancellation of open.all()) cancellation.cancel('limit');
    await Promise.race([closed, sleep(clock, open.size > 0 ? LAST_WORDS_MS : 0)]);
    this.#server.closeAllConnections();
    await tools.pools.destroy();
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

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
