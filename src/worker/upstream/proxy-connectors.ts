/**
 * Connections through an HTTP proxy. What is asked for by https goes through a tunnel, which the proxy opens at a CONNECT
 * and cannot look into; what is asked for by http is sent to the proxy itself, with the whole URL in its request line
 * (RFC 9112, 3.2.2), as proxies often allow tunnels to port 443 only. The proxy resolves the provider's name.
 *
 * A failure on the way to the provider is a `ProxyError`, but for what this host lacks.
 */
import { Client } from 'undici';
import { ProxyError, reasonOfProxyStatus } from '../../shared/egress/connect-fault.ts';
import type { TlsConfig } from '../../shared/egress/way.ts';
import type { NameCache } from '../names/name-cache.ts';
import { type Connector, hostConnector, tlsConnector } from './connectors.ts';
import { ownLack } from './own-lack.ts';

type Where = Parameters<Connector>[0];
type Done = Parameters<Connector>[1];

/** A proxy, as its URL names it. */
interface ProxyAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The value of `proxy-authorization`; null without credentials. */
  readonly authorization: string | null;
}

/** @param url with or without credentials, which may be escaped in it */
export function proxyAddress(url: string): ProxyAddress {
  const { origin, username, password } = new URL(url);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const isNamed = username !== '' || password !== '';
  return { origin, authorization: isNamed ? `Basic ${Buffer.from(credentials).toString('base64')}` : null };
}

/** Opens connections to the proxy itself, wherever they are asked to lead. */
export function toProxy({ origin }: ProxyAddress, names: NameCache, limitMs: number): Connector {
  const connect = hostConnector(names, limitMs, null);
  const { protocol, host, port, hostname } = new URL(origin);
  const proxy = { protocol, host, port, hostname: hostname.replace(/^\[(.+)\]$/, '$1') };
  return (_where, callback) => {
    connect(proxy, (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(asProxyError(error, 'no connection to it'), null);
    });
  };
}

/** Opens TLS connections to providers, each in a tunnel of its own. */
export function throughProxy(proxy: ProxyAddress, names: NameCache, limitMs: number, tls: TlsConfig | null): Connector {
  const connect = toProxy(proxy, names, limitMs);
  const secure = tlsConnector(limitMs, tls);
  const authorization = proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization };
  return (where, callback) => {
    const client = new Client(proxy.origin, { connect, headersTimeout: limitMs });
    const path = where.port ? (where.host ?? where.hostname) : `${where.host}:443`;
    client.connect({ path, headers: { host: path, ...authorization } }, (error, answer) => {
      if (error !== null) fail(client, asProxyError(error, 'no answer to CONNECT'), callback);
      else if (answer.statusCode < 200 || answer.statusCode > 299) {
        answer.socket.on('error', ignore).destroy();
        const { statusCode } = answer;
        fail(
          client,
          new ProxyError(reasonOfProxyStatus(statusCode), `it answers CONNECT with ${statusCode}`),
          callback,
        );
      } else {
        secure({ ...where, httpSocket: answer.socket } as Where, callback);
      }
    });
  };
}

/** The socket is destroyed, so nobody needs to hear of its error. */
function ignore(): void {}

function fail(client: Client, error: Error, callback: Done): void {
  void client.destroy();
  callback(error, null);
}

/** What the host lacks is no fault of the proxy's. */
function asProxyError(error: Error, what: string): Error {
  if (error instanceof ProxyError || ownLack(error) !== null) return error;
  return new ProxyError('proxy-unreachable', `${what}: ${error.message}`, error);
}
