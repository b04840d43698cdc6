/**
 * The HTTP server of the admin port, with a cap of its own on connections: whoever opens many of them must not take the
 * descriptors that a new worker needs.
 */
import { randomBytes } from 'node:crypto';
import type http from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { ClientConnections, KEEP_ALIVE_PROBES } from '../../shared/http/client-connections.ts';
import { connectionCap, readDescriptors } from '../../shared/http/descriptors.ts';
import { ambiguity, wantsUpgrade } from '../../shared/http/framing-fault.ts';
import { createListener, type ListenerTls } from '../../shared/http/listener.ts';
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
