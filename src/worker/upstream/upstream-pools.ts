/**
 * Calls to providers: one undici pool per origin and connect timeout, one `UpstreamCall` per HTTP exchange.
 *
 * undici's own timeouts for headers and body are off, because ours are finer. Redirects are not followed. HTTP/2 is not
 * offered: with one exchange per connection, an abort affects no other exchange. Idle sockets are closed after 4 s,
 * earlier than a usual server closes them. undici's `sendHeaders` diagnostics show whether a socket was used before.
 * They are published in the same synchronous run as the handler's `onRequestStart`, so `Starting` always has the right
 * call.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { buildConnector, Pool } from 'undici';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import type { Method } from '../../shared/endpoints.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import type { NameCache } from '../names/name-cache.ts';
import { AnswerHeads } from './interim-answers.ts';
import { type ExchangeListener, type Starting, UpstreamCall } from './upstream-call.ts';

const SEND_HEADERS = 'undici:client:sendHeaders';

const IDLE_SOCKET_MS = 4000;

/**
 * Bytes that a socket may buffer before reading stops. The default of Node and undici is 64 KiB each. A stream's pieces
 * are small and each is an object, so those buffers took 260 KiB for every client that does not read.
 */
export const STREAM_BUFFER_BYTES = 16 * 1024;

/** Of an answer. Node's and undici's 16 KiB are too little for the cookies and policies of some providers. */
const MAX_HEAD_BYTES = 64 * 1024;

/** A pool, with the prefix of each request's path. */
interface Route {
  readonly pool: Pool;
  /** Path of the base URL, without a trailing slash. */
  readonly prefix: string;
}

/** A request to a provider. */
export interface OutgoingRequest {
  /** Without a body unless it is a POST. Default: POST. */
  readonly method?: Method;
  /** Below the provider's base URL, with its leading slash. */
  readonly path: string;
  /** Alternating names and values. */
  readonly headers: readonly string[];
  readonly body: Bytes;
}

/** The pools of a worker. */
export class UpstreamPools {
  readonly #pools = new Map<string, Pool>();
  /** Target → route. A target's configuration is the same object until the next reload. */
  #routes = new WeakMap<TargetConfig, Route>();
  readonly #names: NameCache;
  /** Of the sockets of all pools here. */
  readonly #answerHeads = new WeakMap<object, AnswerHeads>();
  readonly #starting: Starting = { call: null };
  readonly #onSendHeaders = (message: unknown): void => {
    const { socket } = message as { socket: object };
    const heads = this.#answerHeads.get(socket);
    if (heads !== undefined) {
      this.#starting.call?.onSocket(heads);
      heads.expect();
    }
    this.#starting.call = null;
  };

  /** Listens to undici until `destroy`. */
  constructor(names: NameCache) {
    this.#names = names;
    subscribe(SEND_HEADERS, this.#onSendHeaders);
  }

  /** Starts an exchange below the provider's base URL. */
  call(
    provider: ProviderConfig,
    target: TargetConfig,
    request: OutgoingRequest,
    listener: ExchangeListener,
  ): UpstreamCall {
    const { pool, prefix } = this.#route(provider, target);
    const call = new UpstreamCall(listener, this.#starting);
    const { method = 'POST', headers, body } = request;
    const path = prefix + request.path;
    // undici's types require a mutable list, but undici does not change it.
    if (method !== 'POST') pool.dispatch({ method, path, headers: headers as string[] }, call);
    else if (Buffer.isBuffer(body)) pool.dispatch({ method, path, headers: headers as string[], body }, call);
    else {
      // Of what it takes piece by piece it has to be told the length, or it would send chunks. It takes every iterable,
      // but its types list only streams.
      const withLength = [...headers, 'content-length', String(body.length)];
      pool.dispatch({ method, path, headers: withLength, body: body as unknown as Readable }, call);
    }
    return call;
  }

  /** Closes every connection and aborts the exchanges on them. */
  async destroy(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#routes = new WeakMap();
    this.#names.close();
    await Promise.all(pools.map((pool) => pool.destroy()));
    unsubscribe(SEND_HEADERS, this.#onSendHeaders);
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
      pool = new Pool(origin, {
        connect: this.#connector(connectMs),
        headersTimeout: 0,
        bodyTimeout: 0,
        keepAliveTimeout: IDLE_SOCKET_MS,
        keepAliveMaxTimeout: IDLE_SOCKET_MS,
        allowH2: false,
        maxHeaderSize: MAX_HEAD_BYTES,
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Opens sockets. A name and a connection have `connectMs` each, so that no provider answers for a silent resolver. */
  #connector(connectMs: number): buildConnector.connector {
    const names = this.#names;
    // The library's types do not list all of these; what it does not know it passes on to the socket.
    const options = { timeout: connectMs, allowH2: false, highWaterMark: STREAM_BUFFER_BYTES, lookup: names.lookup };
    const connect = buildConnector(options as buildConnector.BuildOptions);
    return (where, callback) => {
      const open = () =>
        connect(where, (...result) => {
          const [, socket] = result;
          if (socket !== null && socket !== undefined) {
            const heads = new AnswerHeads();
            heads.watch(socket);
            this.#answerHeads.set(socket, heads);
          }
          callback(...result);
        });
      if (isIP(where.hostname) === 0) {
        names.resolve(where.hostname, connectMs, (error) => {
          if (error === null) open();
          // Not in this turn: the client that asks for a connection is not ready to hear of its failure.
          else queueMicrotask(() => callback(error, null));
        });
      } else {
        open();
      }
    };
  }
}
