/**
 * Calls to providers: one undici pool per origin, way to it and connect timeout, one `UpstreamCall` per HTTP exchange.
 *
 * undici's own timeouts for headers and body are off, because ours are finer. Redirects are not followed. HTTP/2 is not
 * offered: with one exchange per connection, an abort affects no other exchange. Idle sockets are closed after 4 s,
 * earlier than a usual server closes them. undici's `sendHeaders` diagnostics show whether a socket was used before.
 * They are published in the same synchronous run as the handler's `onRequestStart`, so `Starting` always has the right
 * call.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import type { ProviderConfig, TargetConfig } from '../../shared/config.ts';
import { type BaseAddress, baseAddress } from '../../shared/egress/base-address.ts';
import { proxyFor } from '../../shared/egress/proxy-rules.ts';
import type { TlsConfig } from '../../shared/egress/way.ts';
import type { Method } from '../../shared/endpoints.ts';
import type { Bytes } from '../../wire/pieced-bytes.ts';
import type { NameCache } from '../names/name-cache.ts';
import { type Connector, hostConnector, unixConnector } from './connectors.ts';
import { AnswerHeads } from './interim-answers.ts';
import { proxyAddress, throughProxy, toProxy } from './proxy-connectors.ts';
import { type ExchangeListener, type Starting, UpstreamCall } from './upstream-call.ts';

const SEND_HEADERS = 'undici:client:sendHeaders';

const IDLE_SOCKET_MS = 4000;

/** Of an answer. Node's and undici's 16 KiB are too little for the cookies and policies of some providers. */
const MAX_HEAD_BYTES = 64 * 1024;

/** A pool, with what it adds to each request. */
interface Route {
  readonly pool: Pool;
  /** Path of the base URL, without a trailing slash; for a proxy that forwards, with the URL before it. */
  readonly prefix: string;
  /** For the proxy; null where there is none, or it is told when a tunnel is asked for. */
  readonly proxyHeaders: readonly string[] | null;
}

/** By which way a pool reaches an origin. */
interface Way extends Pick<BaseAddress, 'origin' | 'socketPath'> {
  readonly connectMs: number;
  readonly proxy: string | null;
  /** Null: Node's defaults. */
  readonly tls: TlsConfig | null;
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
    const { pool, prefix, proxyHeaders } = this.#route(provider, target);
    const call = new UpstreamCall(listener, this.#starting);
    const { method = 'POST', body } = request;
    const headers = proxyHeaders === null ? request.headers : [...request.headers, ...proxyHeaders];
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

  #route({ baseUrl, proxy: proxies, tls }: ProviderConfig, target: TargetConfig): Route {
    let route = this.#routes.get(target);
    if (route === undefined) {
      const { origin, prefix, socketPath } = baseAddress(baseUrl);
      const proxy = proxies === undefined || socketPath !== null ? null : proxyFor(proxies, new URL(origin));
      const way = { origin, socketPath, connectMs: target.timeouts.connectMs, proxy, tls: tls ?? null };
      const forwarding = proxy !== null && !isTls(origin) ? proxyAddress(proxy) : null;
      const proof = forwarding?.authorization ?? null;
      route = {
        pool: this.#pool(way),
        prefix: forwarding === null ? prefix : origin + prefix,
        proxyHeaders: proof === null ? null : ['proxy-authorization', proof],
      };
      this.#routes.set(target, route);
    }
    return route;
  }

  #pool(way: Way): Pool {
    const key = JSON.stringify(way);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new Pool(way.origin, {
        connect: this.#watched(this.#connector(way)),
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

  #connector({ origin, socketPath, connectMs, proxy, tls }: Way): Connector {
    if (socketPath !== null) return unixConnector(socketPath, connectMs);
    if (proxy === null) return hostConnector(this.#names, connectMs, tls);
    const address = proxyAddress(proxy);
    return isTls(origin)
      ? throughProxy(address, this.#names, connectMs, tls)
      : toProxy(address, this.#names, connectMs);
  }

  /** Looks at the beginnings of all answers on the sockets that are opened. */
  #watched(connect: Connector): Connector {
    return (where, callback) =>
      connect(where, (...result) => {
        const [, socket] = result;
        if (socket !== null && socket !== undefined) {
          const heads = new AnswerHeads();
          heads.watch(socket);
          this.#answerHeads.set(socket, heads);
        }
        callback(...result);
      });
  }
}

function isTls(origin: string): boolean {
  return origin.startsWith('https:');
}
