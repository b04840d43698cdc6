/**
 * The routes of the admin server, which has its own port: metrics, health, status, live view, and a few commands. The
 * routes call the primary's parts through `AdminActions` and decide nothing themselves.
 *
 * The guard is the first middleware, so it protects every route that is added after it.
 */
import { randomBytes } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import type { Clock } from '../../shared/clock.ts';
import type { AdminConfig } from '../../shared/config.ts';
import { isLoopback } from '../../shared/host/loopback.ts';
import { ambiguity } from '../../shared/http/framing-fault.ts';
import { isOwnOrigin, isSafeHost } from '../../shared/http/host-guard.ts';
import type { Log } from '../../shared/log.ts';
import { RELAY_HEADER, RELAY_PROOF_HEADER, relayAnswer } from '../../shared/secrets/relay-proof.ts';
import type { Reloaded } from '../reload/reload.ts';
import { METRICS_CONTENT_TYPE } from '../scrape/scrape.ts';
import type { SpendRow } from '../spend/spend-file.ts';
import { type SpendQuery, spendQuery } from '../spend/spend-query.ts';
import { spendReport } from '../spend/spend-report.ts';
import { hasToken, needsHost } from './admin-guard.ts';
import type { LiveEvent } from './live-events.ts';
import type { Readiness, Status } from './status.ts';
import { statusPage } from './status-page.ts';

/** A watcher with more unread bytes is disconnected, so that it does not fill the primary's memory. */
const MAX_UNREAD_BYTES = 256 * 1024;

/** Most watchers of live events. They stay for hours, and must leave connections for scrapes. */
const MOST_WATCHERS = 32;

export interface AdminActions {
  /** The merged page; rejects with a `GatewayError` while the counts of the previous workers are not complete. */
  scrape(): Promise<string>;
  status(): Status;
  readiness(): Readiness;
  watch(listener: (event: LiveEvent) => void): () => void;
  /** Resolves with the new version. */
  reload(): Promise<Reloaded>;
  /** Resolves when all workers have been replaced. */
  roll(): Promise<void>;
  /** Rejects with the reason why the next primary could not start with the configuration as it is now. */
  checkConfig(): Promise<void>;
  /** Ends this process; its workers keep serving until the next primary takes over. */
  handOver(): void;
  /** Closes the provider's circuit and ends its cooldowns; false when there is no such provider. */
  resetCircuit(provider: string): boolean;
  /** Reads the spend books. Rejects with why they cannot be read. */
  spend(query: SpendQuery): Promise<readonly SpendRow[]>;
}

interface AdminAppOptions {
  readonly admin: AdminConfig;
  readonly relaySecret: string;
  readonly actions: AdminActions;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes the app. Its server must bind to `admin.host`, because the Host check depends on that setting. */
export function createAdminApp({ admin, relaySecret, actions, clock, log }: AdminAppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  app.use((request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    const { host, origin, authorization } = request.headers;
    const fault = ambiguity(request);
    if (fault !== null) {
      response.setHeader('connection', 'close');
      return refuse(response, fault.status, fault.message);
    }
    if (isLoopback(admin.host) && needsHost(request.path, host) && !isSafeHost(host))
      return refuse(response, 403, 'the Host header must be localhost or an IP address');
    if (!isOwnOrigin(origin, host)) return refuse(response, 403, 'requests from another origin are refused');
    const proof = relayAnswer(relaySecret, request.headers[RELAY_HEADER]);
    if (proof !== null) response.setHeader(RELAY_PROOF_HEADER, proof);
    if (admin.token === null || isOpen(request, proof !== null) || hasToken(authorization, admin.token)) return next();
    response.setHeader('www-authenticate', 'Basic realm="headgate", Bearer realm="headgate"');
    refuse(response, 401, 'the admin token is needed: authorization: Bearer …');
  });

  /** Whether the request needs no token. */
  function isOpen({ path }: Request, isOwnWorker: boolean): boolean {
    if (path === '/livez' || path === '/readyz') return true;
    return path === '/metrics' && (admin.openMetrics || isOwnWorker);
  }

  app.get('/livez', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/readyz', (_request, response) => {
    const readiness = actions.readiness();
    response.status(readiness.ready ? 200 : 503).json(readiness);
  });

  app.get('/metrics', async (_request, response) => {
    const page = await actions.scrape();
    response.setHeader('content-type', METRICS_CONTENT_TYPE);
    response.send(page);
  });

  app.get('/', (_request, response) => {
    const nonce = randomBytes(16).toString('base64');
    response.setHeader(
      'content-security-policy',
      `default-src 'none'; connect-src 'self'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'`,
    );
    response.type('html').send(statusPage(nonce));
  });

  app.get('/api/status', (_request, response) => {
    response.json(actions.status());
  });

  app.get('/api/spend', async (request, response) => {
    const { by, since, until } = request.query;
    const asked = { by: textOf(by), since: textOf(since), until: textOf(until) };
    const query = spendQuery(asked, clock.wallMs());
    response.json(spendReport(query, await actions.spend(query)));
  });

  let watchers = 0;
  app.get('/api/events', (_request, response) => {
    if (watchers === MOST_WATCHERS) return refuse(response, 503, `there are ${MOST_WATCHERS} watchers already`);
    watchers += 1;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.write(': live\n\n');
    const unsubscribe = actions.watch((event) => {
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
      else response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    });
    response.on('close', () => {
      watchers -= 1;
      unsubscribe();
    });
  });

  app.post('/api/reload', async (_request, response) => {
    response.json(await actions.reload());
  });

  app.post('/api/restart', async (request, response) => {
    if (request.query.all !== undefined) {
      await actions.checkConfig();
      response.status(202).json({ status: 'handing over' });
      response.on('close', () => actions.handOver());
      return;
    }
    await actions.roll();
    response.json({ status: 'replaced' });
  });

  app.post('/api/circuits/:provider/reset', (request, response) => {
    const { provider } = request.params;
    if (!actions.resetCircuit(provider)) {
      const known = actions.status().circuits.map((circuit) => circuit.provider);
      return refuse(response, 404, `no provider is named ${JSON.stringify(provider)}; there are ${known.join(', ')}`);
    }
    response.json({ provider, state: 'closed' });
  });

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

/** A parameter of a query; one that is given twice counts as a text of both, which no query takes. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}

function refuse(response: Response, status: number, message: string): void {
  response.status(status).json({ error: { message } });
}

/** The status and the message of an error. The operator sees the message unchanged. */
function explain(error: unknown): { status: number; message: string } {
  if (!(error instanceof Error)) return { status: 500, message: 'unknown error' };
  const status = 'status' in error && typeof error.status === 'number' ? error.status : statusOf(error.name);
  return { status, message: error.message };
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
