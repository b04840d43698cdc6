/**
 * A provider that says what a script makes it say, in each of the three dialects by its path. It keeps what it was asked,
 * so that a case can look at both sides. No two cases use it at the same time.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { asRecord, parseJson } from '../../../src/shared/json.ts';
import { atExit } from '../../processes/clean-up.ts';
import { chat } from './chat.ts';
import type { Asked, DialectName, Reply } from './conversation.ts';
import type { ScriptedDialect, StreamEvent } from './dialect.ts';
import { Kept } from './kept.ts';
import { messages } from './messages.ts';
import { responses } from './responses.ts';

const dialects: Readonly<Record<DialectName, ScriptedDialect>> = { chat, responses, messages };

/** What is said to a request. @param nth how many came before it since the script was set */
export type Script = (asked: Asked, nth: number) => Reply;

export class ScriptedProvider {
  readonly #server: Server;
  #script: Script = () => ({ kind: 'error', status: 500, type: 'api_error', message: 'no script is set' });
  readonly #kept = new Kept();
  #asked: Asked[] = [];
  #serial = 0;
  /** Requests that are of no dialect: method and path. */
  #others: string[] = [];

  private constructor() {
    this.#server = createServer((request, answer) => {
      this.#serve(request, answer).catch((error: unknown) => {
        // A connection that its client has left, or a fault of a script: the case shows it.
        if (!answer.destroyed) console.error('a scripted provider failed:', error);
        answer.destroy();
      });
    });
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(): Promise<ScriptedProvider> {
    const provider = new ScriptedProvider();
    provider.#server.listen(0, '127.0.0.1');
    await once(provider.#server, 'listening');
    atExit(() => provider.end());
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What it was asked since the script was set, without what asks for no answer. */
  get asked(): readonly Asked[] {
    return this.#asked;
  }

  get others(): readonly string[] {
    return this.#others;
  }

  /** Says this from now on, and forgets what was asked before. */
  follow(script: Script): void {
    this.#script = script;
    this.#asked = [];
    this.#others = [];
  }

  end(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = asRecord(parseJson(Buffer.concat(chunks).toString()));
    const path = request.url?.split('?')[0] ?? '';
    if (path === '/v1/messages/count_tokens') {
      answer.setHeader('content-type', 'application/json').end('{"input_tokens":11}');
      return;
    }
    const dialect = Object.values(dialects).find((each) => each.path === path);
    if (dialect === undefined || body === null) {
      this.#others.push(`${request.method} ${path}`);
      answer.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such path"}}');
      return;
    }
    const whole = this.#kept.whole(body);
    if (whole === null) {
      answer.writeHead(404, { 'content-type': 'application/json' });
      answer.end('{"type":"error","error":{"type":"not_found_error","details":{"error_code":"thread_not_found"}}}');
      return;
    }
    const asked = dialect.read(whole, `scripted${this.#serial++}`);
    const reply = this.#script(asked, this.#asked.length);
    this.#asked.push(asked);
    if (reply.kind === 'error') {
      answer.writeHead(reply.status, { 'content-type': 'application/json' });
      answer.end(JSON.stringify(dialect.failed(reply)));
      return;
    }
    this.#kept.keep(whole, dialect.whole(reply, asked));
    if (asked.stream) {
      await sendStream(answer, dialect, dialect.events(reply, asked), reply);
    } else {
      if (reply.silentMs !== undefined) await pause(reply.silentMs);
      if (reply.cutAfter !== undefined) answer.destroy();
      else answer.setHeader('content-type', 'application/json').end(JSON.stringify(dialect.whole(reply, asked)));
    }
  }
}

async function sendStream(
  answer: ServerResponse,
  dialect: ScriptedDialect,
  events: readonly StreamEvent[],
  { silentMs, cutAfter }: Reply,
): Promise<void> {
  answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  const firstContent = dialect.firstContent(events);
  const sent = cutAfter === undefined ? events.length : firstContent + (cutAfter === 'head' ? 0 : 2);
  for (const [index, { event, data }] of events.slice(0, sent).entries()) {
    if (silentMs !== undefined && index === firstContent) await pause(silentMs);
    const text = typeof data === 'string' ? data : JSON.stringify(data);
    answer.write(`${event === null ? '' : `event: ${event}\n`}data: ${text}\n\n`);
    await nextTurn();
  }
  if (cutAfter === undefined) answer.end();
  // What was written must leave first: a destroyed socket keeps nothing.
  else answer.write('', () => answer.destroy());
}
