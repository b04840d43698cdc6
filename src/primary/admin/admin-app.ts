/**
 * The admin server, which has its own port: metrics, health, status, live view, and a few commands. Its routes
 * (`routes/`) call the primary's parts through `AdminActions` and decide nothing themselves.
 *
 * The guard is the first middleware, so it protects every route that is added after it.
 */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { ConfigError } from '../../config/source/faults.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AdminConfig } from '../../shared/config.ts';
import { ambiguity } from '../../shared/http/framing-fault.ts';
import type { Log } from '../../shared/log.ts';
import { RELAY_HEADER, RELAY_PROOF_HEADER, relayAnswer } from '../../shared/secrets/relay-proof.ts';
import type { AdminActions } from './admin-actions.ts';
import { hasOwnHost, hasToken, isFromOwnPage, isKnownByCertificate, isProbe } from './admin-guard.ts';
import { refuse } from './refuse.ts';
import { addCommandRoutes } from './routes/command-routes.ts';
import { addConfigRoutes } from './routes/config-routes.ts';
import { addFailureRoutes } from './routes/failure-routes.ts';
import { addHistoryRoutes } from './routes/history-routes.ts';
import { addPageRoutes } from './routes/page-routes.ts';
import { addScrapeRoutes } from './routes/scrape-routes.ts';
import { addSpendRoutes } from './routes/spend-routes.ts';
import { addStatusRoutes } from './routes/status-routes.ts';
import { addTryRoutes } from './routes/try-routes.ts';

interface AdminAppOptions {
  readonly admin: AdminConfig;
  /** What this port shows to clients, in PEM form: who has its key is this host's own. Default: it speaks no TLS. */
  readonly ownCertificate?: () => string | null;
  readonly relaySecret: string;
  readonly actions: AdminActions;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes the app. Its server must bind to `admin.host`, because the Host check depends on that setting. */
export function createAdminApp(options: AdminAppOptions): Express {
  const { admin, ownCertificate = () => null, relaySecret, actions, clock, log } = options;
  const needsCertificate = (admin.tls?.clientCa ?? null) !== null;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  app.use((request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    const { host, authorization } = request.headers;
    const fault = ambiguity(request);
    if (fault !== null) {
      response.setHeader('connection', 'close');
      return refuse(response, fault.status, fault.message);
    }
    if (!hasOwnHost(request.path, host, admin)) {
      const proxied = 'behind a proxy, name the origin of the page in admin.origins';
      return refuse(response, 403, `the Host header must be localhost or an IP address; ${proxied}`);
    }
    if (!isFromOwnPage(request, admin.origins)) {
      return refuse(response, 403, 'commands of pages of other origins are refused, except those in admin.origins');
    }
    const proof = relayAnswer(relaySecret, request.headers[RELAY_HEADER]);
    if (proof !== null) response.setHeader(RELAY_PROOF_HEADER, proof);
    if (
      needsCertificate &&
      !isProbe(request.path) &&
      proof === null &&
      !isKnownByCertificate(request.socket, ownCertificate())
    )
      return refuse(response, 403, 'a client certificate is needed, of an authority in admin.tls.client_ca');
    if (admin.token === null || isOpen(request, proof !== null) || hasToken(authorization, admin.token)) return next();
    response.setHeader('www-authenticate', 'Basic realm="headgate", Bearer realm="headgate"');
    refuse(response, 401, 'the admin token is needed: authorization: Bearer …');
  });

  /** Whether the request needs no token. */
  function isOpen(request: Request, isOwnWorker: boolean): boolean {
    if (isProbe(request.path)) return true;
    return request.path === '/metrics' && (admin.openMetrics || isOwnWorker);
  }

  addScrapeRoutes(app, actions);
  addPageRoutes(app, actions);
  addStatusRoutes(app, actions);
  addConfigRoutes(app, actions);
  addHistoryRoutes(app, actions);
  addSpendRoutes(app, actions, clock);
  addFailureRoutes(app, actions);
  addCommandRoutes(app, actions);
  addTryRoutes(app, actions, admin.token !== null);

  app.use((request, response) => {
    refuse(response, 404, `there is no ${request.method} ${request.path} here`);
  });

  // Express recognises an error handler by its four parameters.
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const { status, message } = explain(error);
    if (status >= 500) log.warn({ err: error, path: request.path }, 'an admin request failed');
    refuse(response, status, message);
  });
  return app;
}

/** The status and the message of an error. The operator sees the message unchanged. */
function explain(error: unknown): { status: number; message: string } {
  if (!(error instanceof Error)) return { status: 500, message: 'unknown error' };
  const status = 'status' in error && typeof error.status === 'number' ? error.status : statusOf(error.name);
  return { status, message: error instanceof ConfigError ? error.explanation : error.message };
}

function statusOf(name: string): number {
  switch (name) {
    case 'ConfigError':
    case 'ReloadRefusedError':
      return 422;
    case 'ReplacementError':
      return 502;
    default:
      return 500;
  }
}
