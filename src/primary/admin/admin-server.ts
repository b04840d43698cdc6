/**
 * The HTTP server of the admin port, with a cap of its own on connections: whoever opens many of them must not take the
 * descriptors that a new worker needs.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import { ClientConnections, KEEP_ALIVE_PROBES } from '../../shared/http/client-connections.ts';
import { connectionCap, readDescriptors } from '../../shared/http/descriptors.ts';
import { ambiguity, wantsUpgrade } from '../../shared/http/framing-fault.ts';
import { createListener, type ListenerTls } from '../../shared/http/listener.ts';
import { tellsTlsGreetings } from '../../shared/http/tls-greeting.ts';
import type { Log } from '../../shared/log.ts';
import { OnceASecond } from '../../shared/once-a-second.ts';
import type { ServerCertificate } from '../../shared/tls/server-certificate.ts';

/** Most connections; scrapers, health probes and watchers are a handful. */
const MOST_CONNECTIONS = 128;

const HEADERS_TIMEOUT_MS = 10_000;
/** Requests of the admin port have no body worth waiting for. */
const REQUEST_TIMEOUT_MS = 30_000;

interface AdminServer {
  readonly server: http.Server;
  /** Shows another certificate to new connections. */
  renew(certificate: ServerCertificate): void;
  /** Sets who answers the requests; to be called before the server listens. */
  serve(app: http.RequestListener): void;
}

/** @param certificate null: it speaks no TLS */
export function createAdminServer(clock: Clock, log: Log, certificate: ServerCertificate | null = null): AdminServer {
  const lines = new OnceASecond(clock);
  const options = {
    // The guard judges the Host: a health probe may do without.
    requireHostHeader: false,
    ...KEEP_ALIVE_PROBES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  };
  const { server, renew } = createListener(options, certificate === null ? null : tlsOf(certificate, lines, log));
  const most = connectionCap(MOST_CONNECTIONS, readDescriptors());
  const connections = new ClientConnections(server, {
    clock,
    most,
    mostPerAddress: most,
    dropped: (reason) => {
      const withheld = lines.pass();
      if (withheld !== null)
        log.warn({ reason, most, withheld }, 'too many connections to the admin port: one is closed');
    },
  });
  server.on('clientError', (error, socket) => answerFault(connections, error, socket));
  server.on('clientError', tellsTlsGreetings(server, 'admin', clock, log));
  return {
    server,
    renew,
    serve: (app) => {
      const arrive = (incoming: http.IncomingMessage, outgoing: http.ServerResponse, asksForBody: boolean) => {
        const serve = () => {
          if (asksForBody) outgoing.writeContinue();
          app(incoming, outgoing);
        };
        const last = ambiguity(incoming) !== null || wantsUpgrade(incoming);
        connections.arrived({ incoming, outgoing, last, proves: true, asksForBody, serve });
      };
      server.on('request', (incoming, outgoing) => arrive(incoming, outgoing, false));
      server.on('checkContinue', (incoming, outgoing) => arrive(incoming, outgoing, true));
    },
  };
}

/** By the codes of Node's parser; all others are a 400. */
const statusOfFault: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** As Node would, if nobody listened: but a request whose answer may have begun gets none. */
function answerFault(connections: ClientConnections, error: Error, socket: Duplex): void {
  const connection = socket instanceof net.Socket ? connections.of(socket) : null;
  if (connection?.unfinished !== null || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOfFault['code' in error ? String(error.code) : ''] ?? 400;
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
}

/** The guard judges the certificates of clients: probes need none. */
function tlsOf(certificate: ServerCertificate, lines: OnceASecond, log: Log): ListenerTls {
  return {
    certificate,
    demands: false,
    ticketSecret: randomBytes(32).toString('hex'),
    plainlyAsked: () => {
      const withheld = lines.pass();
      const text = 'a client speaks plain HTTP to the admin port, which has TLS: its URL must begin with https://';
      if (withheld !== null) log.warn({ withheld }, text);
    },
  };
}
