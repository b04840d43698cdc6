/**
 * A data plane for tests of routing: its configuration has the form of a file and is loaded like one; its providers `a`,
 * `b`, … keep what they were asked, and answer as a test says.
 */
import http from 'node:http';
import { loadConfig } from '../../src/config/load.ts';
import { type RunningPlane, startPlane } from '../helpers/data-plane.ts';
import { jsonHeaders, listen, plainAnswer } from './plane-fixture.ts';

/** A provider's answer to one request. @param body the request's, as JSON */
export type Answers = (outgoing: http.ServerResponse, body: Record<string, unknown>) => void;

export interface FakeProvider {
  readonly port: number;
  /** The bodies of all requests so far, as they came. */
  readonly bodies: string[];
  /** The models that were asked for. */
  models(): unknown[];
  /** Answers so from now on. */
  answer(answers: Answers): void;
}

interface RoutingOptions {
  readonly models: object;
  /** By name. */
  readonly providers: Readonly<Record<string, FakeProvider>>;
  /** Further keys of providers, such as `type`. Default: `type: openai`. */
  readonly more?: Readonly<Record<string, object>>;
}

interface RoutingFixture {
  /** Starts a provider, which answers all requests at once until it is told otherwise. */
  fake(answers?: Answers): Promise<FakeProvider>;
  start(options: RoutingOptions): Promise<RunningPlane>;
  /** Closes all of it; for `afterEach`. */
  close(): Promise<void>;
}

export const fine: Answers = (outgoing) => outgoing.writeHead(200, jsonHeaders).end(plainAnswer);

/** An error in OpenAI's form. */
export function failing(status: number, error: object = { message: 'no' }): Answers {
  return (outgoing) => outgoing.writeHead(status, jsonHeaders).end(JSON.stringify({ error }));
}

/** What OpenAI says of a prompt that is too long. */
export const tooLong = failing(400, {
  message: "This model's maximum context length is 8192 tokens.",
  type: 'invalid_request_error',
  param: 'messages',
  code: 'context_length_exceeded',
});

export function routingFixture(): RoutingFixture {
  const closers: (() => unknown)[] = [];
  return {
    async fake(answers = fine) {
      let current = answers;
      const bodies: string[] = [];
      const server = http.createServer(async (incoming, outgoing) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        bodies.push(text);
        const isJson = incoming.headers['content-type'] === 'application/json';
        current(outgoing, isJson ? JSON.parse(text) : {});
      });
      closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
      const port = await listen(server);
      return {
        port,
        bodies,
        models: () => bodies.map((body) => JSON.parse(body).model),
        answer: (next) => {
          current = next;
        },
      };
    },
    async start({ models, providers, more = {} }) {
      const blocks = Object.entries(providers).map(([name, { port }]) => {
        const { type = 'openai', ...rest } = (more[name] ?? {}) as { type?: string };
        const path = type === 'openai' ? '/v1' : '';
        return [name, { type, base_url: `http://127.0.0.1:${port}${path}`, ...rest }] as const;
      });
      const input = { workers: 1, retry: { base_delay: '1ms' }, providers: Object.fromEntries(blocks), models };
      const plane = await startPlane(loadConfig({ source: { kind: 'object', name: 'test', input } }));
      closers.unshift(() => plane.close());
      return plane;
    },
    async close() {
      for (const close of closers.splice(0)) await close();
    },
  };
}
