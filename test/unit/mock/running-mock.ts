/** Helpers for tests of the fake provider: a new one per test, raw requests over TCP, and waiting for a condition. */
import net from 'node:net';
import { afterEach, beforeEach } from 'mocha';
import type { DialectName } from '../../../src/mock/dialects/ask.ts';
import { type MockOptions, type RunningMock, startMock } from '../../../src/mock/server.ts';

export interface MockHandle {
  readonly port: number;
  readonly url: string;
  readonly control: RunningMock['control'];
}

/** A fake provider for each test of the surrounding block, closed after the test. */
export function useMock(dialect: DialectName, options: Partial<MockOptions> = {}): MockHandle {
  let mock: RunningMock | null = null;
  const running = () => {
    if (mock === null) throw new Error('the fake provider runs within tests only');
    return mock;
  };
  beforeEach(async () => {
    mock = await startMock({ dialect, port: 0, ...options });
  });
  afterEach(async () => {
    await mock?.close();
    mock = null;
  });
  return {
    get port() {
      return running().port;
    },
    get url() {
      return `http://127.0.0.1:${running().port}`;
    },
    get control() {
      return running().control;
    },
  };
}

export const paths = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;

/** A small valid request body. */
export function bodyFor(dialect: DialectName, fields: object = {}): string {
  const limit = dialect === 'anthropic' ? { max_tokens: 256 } : {};
  return JSON.stringify({ model: 'some-model', messages: [{ role: 'user', content: 'hello' }], ...limit, ...fields });
}

export interface RawReply {
  /** All bytes that arrived, including headers and chunk lengths. */
  readonly text: string;
  /** The connection's error code, or null if it ended without an error. */
  readonly errorCode: string | null;
}

export interface RawRequest {
  readonly socket: net.Socket;
  /** The bytes that have arrived until now. */
  text(): string;
  /** Resolves when the connection has ended, from either side. */
  readonly ended: Promise<RawReply>;
}

/** Posts `body` over a new connection without keep-alive. */
export function rawPost(port: number, dialect: keyof typeof paths, body: string): RawRequest {
  const socket = net.connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks).toString('utf8');
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const head = [
    `POST ${paths[dialect]} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    'content-type: application/json',
    'anthropic-version: 2023-06-01',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  const ended = new Promise<RawReply>((resolve) => {
    let errorCode: string | null = null;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      errorCode = error.code ?? error.message;
    });
    socket.on('close', () => resolve({ text: text(), errorCode }));
  });
  return { socket, text, ended };
}

/** Posts `body` and returns the whole answer. */
export async function post(
  port: number,
  dialect: keyof typeof paths,
  body: string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`http://127.0.0.1:${port}${paths[dialect]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Resolves when `condition` is true; fails after five seconds. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the condition did not become true in time');
}
