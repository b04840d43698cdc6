/**
 * The ways in which a pool opens its sockets: to a host, to a Unix socket, to or through a proxy. A name, a connection, a
 * proxy's answer and a TLS handshake have the limit each, so that no provider answers for a silent resolver.
 */
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { TlsConfig } from '../../shared/egress/way.ts';
import type { NameCache } from '../names/name-cache.ts';

export type Connector = buildConnector.connector;

/**
 * Bytes that a socket may buffer before reading stops. The default of Node and undici is 64 KiB each. A stream's pieces
 * are small and each is an object, so those buffers took 260 KiB for every client that does not read.
 */
export const STREAM_BUFFER_BYTES = 16 * 1024;

/** Opens connections to the host that it is given. */
export function hostConnector(names: NameCache, limitMs: number, tls: TlsConfig | null): Connector {
  const connect = tlsConnector(limitMs, tls, { lookup: names.lookup });
  return (where, callback) => {
    if (isIP(where.hostname) !== 0) {
      connect(where, callback);
      return;
    }
    names.resolve(where.hostname, limitMs, (error) => {
      if (error === null) connect(where, callback);
      // Not in this turn: the client that asks for a connection is not ready to hear of its failure.
      else queueMicrotask(() => callback(error, null));
    });
  };
}

/** Opens connections to a socket of this host. @param path absolute */
export function unixConnector(path: string, limitMs: number): Connector {
  return tlsConnector(limitMs, null, { socketPath: path });
}

/** Opens connections to where it is told, or makes TLS of one that is open. */
export function tlsConnector(limitMs: number, tls: TlsConfig | null, more: object = {}): Connector {
  // The library's types do not list all of these; what it does not know it passes on to the socket.
  const options = {
    timeout: limitMs,
    allowH2: false,
    highWaterMark: STREAM_BUFFER_BYTES,
    ...(tls === null ? {} : { ca: tls.ca, cert: tls.cert, key: tls.key, servername: tls.serverName }),
    ...more,
  };
  return buildConnector(options as buildConnector.BuildOptions);
}
