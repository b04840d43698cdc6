/**
 * Calls to providers: one undici pool per provider and connect limit, one `UpstreamCall` per HTTP exchange.
 *
 * undici's own header and body limits are off (ours are finer), redirects are not followed, HTTP/2 is not offered (one
 * exchange per connection keeps an abort local), and idle sockets are given up before a usual server would (4 s).
 * Whether a socket had been used before is learned from undici's `sendHeaders` diagnostics: it publishes in the same
 * synchronous run as the handler's `onRequestStart`, so `starting` always names the right call.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, errors, Pool } from 'undici';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';

/** Why an exchange failed on the wire. */
export interface ExchangeFailure {
  readonly kind: 'connection' | 'connect-timeout';
  /** The socket had served before and died before a byte of this answer: sending again at once is free. */
  readonly resendable: boolean;
  readonly cause: Error;
}

/** What an exchange tells; after `ended`, `failed` or `abort()` nothing more is told. */
export interface ExchangeListener {
  /** The request is on a connection. */
  sent(): void;
  headers(status: number, headers: IncomingHttpHeaders): void;
  data(chunk: Buffer): void;
  ended(): void;
  failed(failure: ExchangeFailure): void;
}

const IDLE_SOCKET_MS = 4000;

/**
 * What a socket may hold before it is read no further. Node and undici take 64 KiB each, which in the small pieces of a
 * stream, each an object of its own, made 260 KiB of every client that does not read.
 */
export const STREAM_BUFFER_BYTES = 16 * 1024;

let starting: UpstreamCall | null = null;
const usedSockets = new WeakSet<object>();

subscribe('undici:client:sendHeaders', (message) => {
  const { socket } = message as { socket: object };
  starting?.onSocket(usedSockets.has(socket));
  starting = null;
  usedSockets.add(socket);
});

/** One HTTP exchange. Created by `UpstreamPools.call`. */
export class UpstreamCall implements Dispatcher.DispatchHandler {
  readonly #listener: ExchangeListener;
  #controller: Dispatcher.DispatchController | null = null;
  #reused = false;
  #answered = false;
  #over = false;
  #wantsPause = false;

  constructor(listener: ExchangeListener) {
    this.#listener = listener;
  }

  /** Gives the exchange up and closes its connection; nothing is told any more. Safe to repeat. */
  abort(): void {
    this.#over = true;
    this.#controller?.abort(new errors.RequestAbortedError());
  }

  /** Stops reading from the provider until `resume`. */
  pause(): void {
    this.#wantsPause = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#wantsPause = false;
    this.#controller?.resume();
  }

  onSocket(reused: boolean): void {
    this.#reused = reused;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    starting = this;
    if (this.#over) controller.abort(new errors.RequestAbortedError());
    else this.#listener.sent();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#controller = controller;
    if (this.#over || status < 200) return;
    this.#answered = true;
    this.#listener.headers(status, headers);
    if (this.#wantsPause) controller.pause();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#listener.data(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    if (this.#over) return;
    this.#over = true;
    const kind = cause instanceof errors.ConnectTimeoutError ? 'connect-timeout' : 'connection';
    this.#listener.failed({ kind, resendable: this.#reused && !this.#answered, cause });
  }
}

/** A pool with what stands before the path of each request. */
interface Route {
  readonly pool: Pool;
  /** Path of the base URL, without a trailing slash. */
  readonly prefix: string;
}

/** A POST as it goes on the wire. */
export interface OutgoingRequest {
  /** Below the provider's base URL, with its leading slash. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** The pools of a worker. */
export class UpstreamPools {
  readonly #pools = new Map<string, Pool>();
  /** By target, whose configuration is an object of its own for as long as it is in force. */
  #routes = new WeakMap<TargetConfig, Route>();

  /** Starts an exchange: a POST below the provider's base URL. */
  call(
    provider: ProviderConfig,
    target: TargetConfig,
    request: OutgoingRequest,
    listener: ExchangeListener,
  ): UpstreamCall {
    const { pool, prefix } = this.#route(provider, target);
    const call = new UpstreamCall(listener);
    const { headers, body } = request;
    // The library's types ask for a list that may be written to, which it does not do.
    pool.dispatch({ method: 'POST', path: prefix + request.path, headers: headers as string[], body }, call);
    return call;
  }

  /** Ends every connection, and with it what is still under way. */
  async destroy(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#routes = new WeakMap();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #route({ baseUrl }: ProviderConfig, target: TargetConfig): Route {
    let route = this.#routes.get(target);
    if (route === undefined) {
      const { origin, pathname } = new URL(baseUrl);
      route = { pool: this.#pool(origin, target.timeouts.connectMs), prefix: pathname === '/' ? '' : pathname };
      this.#routes.set(target, route);
    }
    return route;
  }

  #pool(origin: string, connectMs: number): Pool {
    const key = `${connectMs} ${origin}`;
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      // The library's types do not list it; what it does not know it passes on to the socket.
      const connect = { timeout: connectMs, highWaterMark: STREAM_BUFFER_BYTES };
      pool = new Pool(origin, {
        connect,
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: IDLE_SOCKET_MS,
        keepAliveMaxTimeout: IDLE_SOCKET_MS,
        allowH2: false,
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }
}
