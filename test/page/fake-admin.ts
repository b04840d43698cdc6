/**
 * A fake admin server for tests of the page: the real files under the real policy, and answers that a test sets. It sends
 * its status to all watchers as often as it is told to.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import express, { type Response } from 'express';
import { root } from '../../scripts/rig/checkout.ts';
import { addPageRoutes } from '../../src/primary/admin/routes/page-routes.ts';
import type { HistoryAnswer } from '../../src/primary/history/history-answer.ts';
import { configAnswer, failures, hour, type StatusDraft, wellStatus } from './scripted-answers.ts';

const vendor = path.join(root, 'node_modules', 'uplot', 'dist');

export class FakeAdmin {
  /** Sent as it is at that moment. */
  status: StatusDraft = wellStatus();
  history: HistoryAnswer = hour();
  config = configAnswer();
  errors = { failures: failures(40), withheld: 0 };
  /** Methods and paths of the commands that came, and of histories. */
  readonly commands: string[] = [];
  /** Who sent them, as the requests say. */
  readonly askers: unknown[] = [];
  readonly histories: string[] = [];
  readonly tries: { readonly path: string; readonly body: unknown; readonly key?: string }[] = [];
  /** Answers instead, by path. */
  readonly refusals = new Map<string, { readonly status: number; readonly message: string }>();
  /** What a try answers. */
  tryAnswer: { readonly status: number; readonly headers: Record<string, string>; readonly parts: readonly string[] } =
    {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      parts: ['data: [DONE]\n\n'],
    };
  /** Whether the connections of watchers are taken. */
  takesWatchers = true;
  readonly #watchers = new Set<Response>();
  readonly #server: http.Server;
  #timer: NodeJS.Timeout | null = null;

  constructor() {
    // As behind a proxy that puts the page below a path and takes the path away again.
    const proxied = express();
    const app = this.#app();
    proxied.use('/below', app);
    proxied.use(app);
    this.#server = http.createServer(proxied);
  }

  /** Begins to listen. @param everyMs how often the status is sent */
  async start(everyMs: number): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.sendEvery(everyMs);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  sendEvery(everyMs: number): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = setInterval(() => this.sendStatus(), everyMs);
  }

  /** Sends no status by itself any more. */
  fallSilent(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  sendStatus(): void {
    this.send('status', { type: 'status', status: this.status });
  }

  send(name: string, data: object): void {
    for (const watcher of this.#watchers) watcher.write(frame(name, data));
  }

  /** How many watch. */
  get watching(): number {
    return this.#watchers.size;
  }

  /** Cuts the watchers off. */
  cut(): void {
    for (const watcher of this.#watchers) watcher.destroy();
  }

  stop(): void {
    this.fallSilent();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #app(): express.Express {
    const app = express();
    app.use((request, response, next) => {
      const refusal = this.refusals.get(request.path);
      if (refusal !== undefined) {
        response.status(refusal.status).json({ error: { message: refusal.message } });
      } else next();
    });
    app.use('/page/vendor', express.static(vendor));
    addPageRoutes(app, { status: () => this.status });
    app.get('/api/status', (_request, response) => void response.json(this.status));
    app.get('/api/errors', (_request, response) => void response.json(this.errors));
    app.get('/api/config', (_request, response) => void response.json(this.config));
    app.get('/api/history', (request, response) => {
      this.histories.push(request.url);
      response.json(this.history);
    });
    app.get('/api/events', (_request, response) => this.#watch(response));
    app.post('/api/try', express.json(), (request, response) => {
      this.tries.push(request.body);
      response.writeHead(this.tryAnswer.status, this.tryAnswer.headers);
      response.end(this.tryAnswer.parts.join(''));
    });
    app.post('/api/*command', (request, response) => {
      this.commands.push(request.path);
      this.askers.push(request.headers['x-headgate-asker']);
      response.json({ version: 4, changes: ['timeouts.headers: 30s → 10s'] });
    });
    return app;
  }

  #watch(response: Response): void {
    if (!this.takesWatchers) {
      response.status(503).json({ error: { message: 'there are 32 watchers already' } });
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame('status', { type: 'status', status: this.status }));
    this.#watchers.add(response);
    response.on('close', () => this.#watchers.delete(response));
  }
}

function frame(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
