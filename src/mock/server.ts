/**
 * The fake provider: a server with the APIs of one provider, complete enough for the official SDKs. It answers the same request with
 * the same bytes each time, and has the faults that are set. It is for tests and for trying failover by hand. It needs
 * no key and accepts every model name.
 *
 *   request ─ read body ─ check by the dialect's rules (400) ─ latency ─ fault or answer
 */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '../shared/clock.ts';
import { answerFor, PreparedRequests } from './answer.ts';
import { countConnections } from './connections.ts';
import { MockControl } from './control.ts';
import { handleControl } from './control-routes.ts';
import { anthropicDialect } from './dialects/anthropic-dialect.ts';
import type { DialectName } from './dialects/ask.ts';
import { bedrockDialect } from './dialects/bedrock-dialect.ts';
import { type Api, type Dialect, Refusal } from './dialects/dialect.ts';
import { geminiDialect } from './dialects/gemini-dialect.ts';
import { openaiDialect } from './dialects/openai-dialect.ts';
import type { Shape } from './dialects/shape.ts';
import { Exchange, readBody } from './exchange.ts';
import { perform } from './perform.ts';

export interface MockOptions {
  readonly dialect: DialectName;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Headers that are added to every answer of the dialect. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** The shape of answers at the start. */
  readonly shape?: Partial<Shape>;
  /** Called with each request of an API when its body is complete, before any check. */
  readonly observe?: (request: IncomingMessage, body: Buffer) => void;
  readonly clock?: Clock;
}

export interface RunningMock {
  readonly port: number;
  /** Faults, shape and counts; the routes under `/_mock` use the same object. */
  readonly control: MockControl;
  /** Ends the server and all connections, including those that hang. */
  close(): Promise<void>;
}

const dialects: Readonly<Record<DialectName, Dialect>> = {
  openai: openaiDialect,
  anthropic: anthropicDialect,
  gemini: geminiDialect,
  bedrock: bedrockDialect,
};

/** Starts a fake provider; rejects with Node's own error if it cannot listen on the port. */
export async function startMock(options: MockOptions): Promise<RunningMock> {
  const server = http.createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 });
  const prepared = new PreparedRequests();
  const control = new MockControl({
    shape: options.shape ?? {},
    shapeChanged: () => prepared.clear(),
    connectionStats: countConnections(server),
  });
  server.on('request', createHandler(options, control, prepared));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    control,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createHandler(options: MockOptions, control: MockControl, prepared: PreparedRequests) {
  const dialect = dialects[options.dialect];
  const apis = new Map(dialect.apis.flatMap((api) => api.paths.map((path) => [path, api] as const)));
  const clock = options.clock ?? systemClock;
  const apiAt = (path: string) => apis.get(path) ?? dialect.apis.find((api) => api.isAt?.(path) ?? false);
  let number = 0;

  const complete = (
    api: Api,
    path: string,
    request: IncomingMessage,
    exchange: Exchange,
    body: Buffer | null,
  ): void => {
    if (body === null) throw new Refusal('The request is too large.', undefined, 413);
    options.observe?.(request, body);
    const version = dialect.versionOf(request.headers);
    const { asked, answer } = prepared.get(`${path} ${version}`, body, () => {
      const read = api.read(parse(body), version, path);
      return { asked: read, answer: answerFor(dialect.name, read, control.shape) };
    });
    control.requestRead(asked.ask.model);
    const fault = control.takeFault(asked.ask.model);
    void perform({ exchange, dialect, asked, answer, shape: control.shape, fault });
  };

  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path === '/_mock' || path.startsWith('/_mock/')) {
      handleControl(control, request, response);
      return;
    }
    number += 1;
    const headers = { [dialect.idHeader]: `req_mock_${number}`, ...options.responseHeaders };
    const api = request.method === 'POST' ? apiAt(path) : undefined;
    if (api !== undefined) control.requestStarted();
    const exchange = new Exchange(response, headers, clock, (aborted) => {
      if (api !== undefined) control.requestEnded(aborted);
    });
    readBody(request, dialect.maxBodyBytes, (body) => {
      try {
        const list = request.method === 'GET' ? dialect.modelLists.get(path) : undefined;
        if (api !== undefined) complete(api, path, request, exchange, body);
        else if (list !== undefined) sendJson(exchange, 200, list);
        else throw new Refusal(`Invalid URL (${request.method} ${path})`, undefined, 404);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { status, message, param } = error;
        sendJson(exchange, status, dialect.error(status, message, param), dialect.errorHeaders?.(status));
      }
    });
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Refusal(`The body of the request is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function sendJson(
  exchange: Exchange,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(text);
  exchange.head(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
  exchange.end(body);
}
