/**
 * The HTTP server of the admin port, with a cap of its own on connections: whoever opens many of them must not take the
 * descriptors that a new worker needs.
 */
import http from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { ClientConnections, KEEP_ALIVE_PROBES } from '../../shared/http/client-connections.ts';
import { connectionCap, readDescriptors } from '../../shared/http/descriptors.ts';
import { ambiguity, wantsUpgrade } from '../../shared/http/framing-fault.ts';
import type { Log } from '../../shared/log.ts';
import { OnceASecond } from '../../shared/once-a-second.ts';

/** Most connections; scrapers, health probes and watchers are a handful. */
const MOST_CONNECTIONS = 128;

const HEADERS_TIMEOUT_MS = 10_000;
/** Requests of the admin port have no body worth waiting for. */
const REQUEST_TIMEOUT_MS = 30_000;

interface AdminServer {
  readonly server: http.Server;
  /** Sets who answers the requests; to be called before the server listens. */
  serve(app: http.RequestListener): void;
}

export function createAdminServer(clock: Clock, log: Log): AdminServer {
  const server = http.createServer({
    // The guard judges the Host: a health probe may do without.
    requireHostHeader: false,
    ...KEEP_ALIVE_PROBES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const most = connectionCap(MOST_CONNECTIONS, readDescriptors());
  const lines = new OnceASecond(clock);
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
