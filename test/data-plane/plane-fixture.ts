/**
 * What the tests of the data plane share: a data plane, providers that each test makes for it, and clients that can do
 * more than `fetch`.
 */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { type RunningMock, startMock } from '../../src/mock/server.ts';
import { certificates } from '../helpers/certificates.ts';
import { type RunningPlane, startPlane, type TestPrimary } from '../helpers/data-plane.ts';
import { type TestConfigOptions, testConfig } from '../helpers/test-config.ts';

type MockOptions = Parameters<typeof startMock>[0];

export const jsonHeaders = { 'content-type': 'application/json' };

/** A plain answer in OpenAI's dialect. */
export const plainAnswer =
  '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}';

/** One event of a stream in OpenAI's dialect, with content. */
export const contentEvent = 'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}]}\n\n';

/** The body of a request for a chat completion. */
export function chatRequest(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...fields });
}

/** The text of a whole HTTP/1.1 request for a chat completion. */
export function rawRequest(body: string, ...headers: readonly string[]): string {
  return [
    'POST /v1/chat/completions HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** A connection to a data plane, for raw bytes; with TLS where its URL says so. */
export function connectTo(url: string): net.Socket {
  const { port, protocol } = new URL(url);
  const at = { port: Number(port), host: '127.0.0.1' };
  return protocol === 'https:' ? tls.connect({ ...at, ca: certificates().ca.cert }) : net.connect(at);
}

/** Sends a request that a test can destroy; its errors are ignored. */
export function sendRequest(url: string, body = chatRequest()): http.ClientRequest {
  const options = { method: 'POST', headers: jsonHeaders, agent: false };
  const client = http.request(`${url}/v1/chat/completions`, options);
  client.on('error', () => undefined);
  client.end(body);
  return client;
}

/** The answer to a request for a stream once its headers are here, with the client that asked. */
export function openStream(url: string): Promise<http.IncomingMessage & { readonly client: http.ClientRequest }> {
  return new Promise((resolve, reject) => {
    const client = sendRequest(url, chatRequest({ stream: true }));
    client.on('response', (answer) => resolve(Object.assign(answer, { client })));
    client.on('error', reject);
  });
}

/** The error in the body of an answer. */
export async function errorOf(response: Response): Promise<{ code: string; param: string | null; message: string }> {
  const body = (await response.json()) as { error: { code: string; param: string | null; message: string } };
  return body.error;
}

/** Waits until a server listens, and returns its port. */
export async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Something to be sent, or to be done and waited for. */
export type Step = string | (() => unknown);

/** A provider of a stream that takes these steps one after the other, and ends its answer. */
export function stepping(...steps: readonly Step[]): http.RequestListener {
  return async (_, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'openai-version': 'v' });
    outgoing.flushHeaders();
    for (const step of steps) await (typeof step === 'string' ? outgoing.write(step) : step());
    outgoing.end();
  };
}

export interface PlaneFixture {
  /** Starts a provider that answers as `listener` does, and returns its port. */
  provider(listener: http.RequestListener): Promise<number>;
  /** Starts the fake provider of the product. */
  mock(dialect: MockOptions['dialect'], observe?: MockOptions['observe']): Promise<RunningMock>;
  /** Starts a data plane. */
  start(...parts: [options: TestConfigOptions, primary?: TestPrimary]): Promise<RunningPlane>;
  /** Closes all data planes, then all providers; for `afterEach`. */
  close(): Promise<void>;
}

export function planeFixture(): PlaneFixture {
  const closers: (() => unknown)[] = [];
  return {
    async provider(listener) {
      const server = http.createServer((incoming, outgoing) => {
        incoming.resume();
        listener(incoming, outgoing);
      });
      closers.push(() => {
        server.closeAllConnections();
        server.close();
      });
      return listen(server);
    },
    async mock(dialect, observe) {
      const mock = await startMock({ dialect, port: 0, ...(observe === undefined ? {} : { observe }) });
      closers.push(() => mock.close());
      return mock;
    },
    async start(options, primary) {
      const plane = await startPlane(testConfig(options), primary);
      closers.unshift(() => plane.close());
      return plane;
    },
    async close() {
      for (const close of closers.splice(0)) await close();
    },
  };
}
