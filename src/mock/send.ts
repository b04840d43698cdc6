/** How the parts of an answer are sent: the whole, its beginning, its pieces. Every step ends when the client leaves. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import type { Asked, Dialect, StreamEvents } from './dialects/dialect.ts';
import type { Shape } from './dialects/shape.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faults.ts';

/** The inputs for one answer. */
export interface Performance {
  readonly exchange: Exchange;
  readonly dialect: Dialect;
  readonly asked: Asked;
  readonly answer: Answer;
  readonly shape: Shape;
  readonly fault: Fault | null;
}

export const json = { 'content-type': 'application/json' };

/** The headers of a stream. */
export function eventStream({ mediaType = 'text/event-stream; charset=utf-8' }: Pick<StreamEvents, 'mediaType'> = {}) {
  return { 'content-type': mediaType, 'cache-control': 'no-cache' };
}

/** Sends the healthy answer. */
export async function sendWhole(performance: Performance): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'stream') {
    const { events } = answer;
    exchange.head(200, eventStream(events));
    return sendRest(performance, events, exchange.write(events.opening));
  }
  exchange.head(200, { ...json, 'content-length': answer.body.length });
  // One call for small bodies, which load tests use.
  if (answer.body.length <= 64 * 1024) return exchange.end(answer.body);
  if (await exchange.writeSliced(answer.body)) exchange.end();
}

/** Waits for `opened`, then sends a stream's pieces from number `from` and its end. */
export async function sendRest(
  performance: Performance,
  events: StreamEvents,
  opened: boolean | Promise<boolean>,
  from = 0,
): Promise<void> {
  if (!(await opened)) return;
  if (await sendPieces(performance, events, from, events.pieces)) performance.exchange.end(events.closing);
}

async function sendPieces(
  { exchange, shape }: Performance,
  events: StreamEvents,
  from: number,
  to: number,
): Promise<boolean> {
  for (let index = from; index < to; index += 1) {
    if (shape.chunkMs > 0 && index > 0 && !(await exchange.pause(shape.chunkMs))) return false;
    const written = exchange.write(events.piece(index));
    if (written !== true && !(await written)) return false;
  }
  return true;
}

/**
 * Sends the part before a fault: a number of pieces of a stream, or half of a plain body.
 *
 * @param length whether a plain answer says how long it should have been
 */
export async function sendPart(performance: Performance, pieces: number, { length = true } = {}): Promise<boolean> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') {
    exchange.head(200, length ? { ...json, 'content-length': answer.body.length } : json);
    return exchange.writeSliced(answer.body.subarray(0, answer.body.length / 2));
  }
  const { events } = answer;
  exchange.head(200, eventStream(events));
  if (!(await exchange.write(events.opening))) return false;
  return sendPieces(performance, events, 0, Math.min(pieces, events.pieces));
}

/** All bytes of a healthy answer. */
export function bytesOf(answer: Answer): Buffer {
  if (answer.kind === 'plain') return answer.body;
  const { opening, pieces, piece, closing } = answer.events;
  return Buffer.concat([opening, ...Array.from({ length: pieces }, (_, index) => piece(index)), closing]);
}

/** Sends an error answer in the provider's own form. */
export function sendError(
  exchange: Exchange,
  dialect: Dialect,
  status: number,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = Buffer.from(
    dialect.error(status, `The fake ${dialect.name} provider answers ${status} because a fault is set.`),
  );
  const own = dialect.errorHeaders?.(status);
  exchange.head(status, { ...json, 'content-length': body.length, ...own, ...headers });
  exchange.end(body);
}
