/** Clients of the gateway over plain sockets: what they send is not checked by any library. */
import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Answers, Front } from '../attack.ts';
import { chunked } from './bytes.ts';

/** The head of a chat request; `more` are further lines, each with its end. */
export function head(more: string): string {
  return `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${more}\r\n`;
}

/** One request with its length declared, on a connection of its own. */
export function post(front: Front, body: Buffer): Promise<Answers> {
  const lines = `connection: close\r\ncontent-length: ${body.length}\r\n`;
  return send(front, [Buffer.from(head(lines)), body]);
}

/** One request in chunks of that size. */
export function postChunked(front: Front, body: Buffer, size: number): Promise<Answers> {
  const start = Buffer.from(head('connection: close\r\ntransfer-encoding: chunked\r\n'));
  return send(
    front,
    (function* () {
      yield start;
      yield* chunked(body, size);
    })(),
  );
}

/** Writes all pieces and reads until the gateway closes. Resolves with the answers of this connection. */
export async function send(front: Front, pieces: Iterable<Buffer>): Promise<Answers> {
  const { socket, answers } = await connected(front);
  // The gateway may refuse and close while this is still writing.
  await pipeline(Readable.from(pieces), socket, { end: false }).catch(unlessClosed);
  await over(socket);
  return answers;
}

/** A connection that reads all that comes and counts the answers in it. */
export async function connected({ port }: Front): Promise<{ socket: net.Socket; answers: Answers }> {
  const socket = net.connect(port, '127.0.0.1');
  const answers: Answers = new Map();
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    // Bodies are large and hold no such lines; what may be cut off is only a status line.
    const text = rest + chunk.toString('latin1');
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) add(answers, status);
    const lineAt = text.lastIndexOf('HTTP/1.1');
    rest = lineAt >= text.length - 12 && lineAt >= 0 ? text.slice(lineAt) : text.slice(-11);
  });
  // The end of the connection is what is waited for, however it comes.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (answers.size === 0) add(answers, 'closed');
  });
  await once(socket, 'connect');
  return { socket, answers };
}

/** Resolves when the connection is closed. */
export async function over(socket: net.Socket): Promise<void> {
  if (!socket.closed) await finished(socket).catch(unlessClosed);
}

/** The answers of several connections together. */
export function together(all: readonly Answers[]): Answers {
  const sum: Answers = new Map();
  for (const answers of all) for (const [what, times] of answers) add(sum, what, times);
  return sum;
}

function add(answers: Answers, what: string, times = 1): void {
  answers.set(what, (answers.get(what) ?? 0) + times);
}

function unlessClosed(error: NodeJS.ErrnoException): void {
  const closed = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'];
  if (!closed.includes(error.code ?? '')) throw error;
}
