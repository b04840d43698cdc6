/**
 * Sends one answer, healthy or with a fault. Each fault has one function, which handles both plain answers and streams.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { type Answer, emptyAnswer } from './answer.ts';
import type { Ask } from './dialects/ask.ts';
import type { Dialect, StreamEvents } from './dialects/dialect.ts';
import type { Shape } from './dialects/shape.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faults.ts';

/** The inputs for one answer. */
interface Performance {
  readonly exchange: Exchange;
  readonly dialect: Dialect;
  readonly ask: Ask;
  readonly answer: Answer;
  readonly shape: Shape;
  readonly fault: Fault | null;
}

const json = { 'content-type': 'application/json' };
const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

/** Sends the answer, or the part of it that the fault allows. Resolves when nothing more will be sent. */
export async function perform(performance: Performance): Promise<void> {
  const { exchange, fault, shape, dialect, ask } = performance;
  if (shape.latencyMs > 0 && !(await exchange.pause(shape.latencyMs))) return;
  if (fault === null) return sendWhole(performance);
  switch (fault.kind) {
    case 'status':
      return sendStatus(performance, fault);
    case 'hang':
      return;
    case 'reset':
      return exchange.cut('rst');
    case 'slow-headers':
      if (await exchange.pause(fault.ms)) await sendWhole(performance);
      return;
    case 'slow-first-content':
      return sendLateContent(performance, fault.ms);
    case 'stall':
      await sendPart(performance, fault.afterChunks);
      return;
    case 'cut':
      if (await sendPart(performance, fault.afterChunks)) await exchange.cut(fault.how);
      return;
    case 'bad-chunk':
      return sendBadChunk(performance, fault.afterChunks);
    case 'error-in-stream':
      return sendErrorInStream(performance, fault.afterChunks);
    case 'empty':
      return sendWhole({ ...performance, answer: emptyAnswer(dialect, ask) });
    case 'bad-json':
      return sendBadJson(performance);
    default:
      fault satisfies never;
  }
}

async function sendWhole(performance: Performance): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'stream') {
    const { events } = answer;
    exchange.head(200, eventStream);
    return sendRest(performance, events, exchange.write(events.opening));
  }
  exchange.head(200, { ...json, 'content-length': answer.body.length });
  // One call for small bodies, which load tests use.
  if (answer.body.length <= 64 * 1024) return exchange.end(answer.body);
  if (await exchange.writeSliced(answer.body)) exchange.end();
}

/** Waits for `opened`, then sends a stream's pieces from number `from` and its end. */
async function sendRest(
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

/** Sends the part before a fault: a number of pieces of a stream, or half of a plain body. */
async function sendPart(performance: Performance, pieces: number): Promise<boolean> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') {
    exchange.head(200, { ...json, 'content-length': answer.body.length });
    return exchange.writeSliced(answer.body.subarray(0, answer.body.length / 2));
  }
  const { events } = answer;
  exchange.head(200, eventStream);
  if (!(await exchange.write(events.opening))) return false;
  return sendPieces(performance, events, 0, Math.min(pieces, events.pieces));
}

async function sendLateContent(performance: Performance, delayMs: number): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') {
    if (await exchange.pause(delayMs)) await sendWhole(performance);
    return;
  }
  exchange.head(200, eventStream);
  if (!(await exchange.write(answer.events.opening))) return;
  await sendRest(performance, answer.events, exchange.pause(delayMs));
}

async function sendBadChunk(performance: Performance, afterChunks: number): Promise<void> {
  const { exchange, answer, dialect } = performance;
  if (answer.kind === 'plain') return sendBadJson(performance);
  if (!(await sendPart(performance, afterChunks))) return;
  await sendRest(performance, answer.events, exchange.write(dialect.badEvent), afterChunks);
}

async function sendErrorInStream(performance: Performance, afterChunks: number): Promise<void> {
  const { exchange, answer, dialect } = performance;
  if (answer.kind === 'plain') return sendError(exchange, dialect, dialect.errorEventStatus);
  if (await sendPart(performance, afterChunks)) exchange.end(dialect.errorEvent);
}

function sendBadJson({ exchange, dialect, ask }: Performance): void {
  const whole = emptyAnswer(dialect, { ...ask, stream: false });
  if (whole.kind !== 'plain') return;
  const half = whole.body.subarray(0, whole.body.length / 2);
  exchange.head(200, { ...json, 'content-length': half.length });
  exchange.end(half);
}

function sendStatus({ exchange, dialect }: Performance, fault: Fault & { readonly kind: 'status' }): void {
  const headers: OutgoingHttpHeaders = { ...fault.headers };
  if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
  if (fault.body === undefined) {
    sendError(exchange, dialect, fault.status, headers);
    return;
  }
  const text = typeof fault.body === 'string' ? fault.body : null;
  const type = text === null ? json : { 'content-type': 'text/plain; charset=utf-8' };
  const body = Buffer.from(text ?? JSON.stringify(fault.body));
  exchange.head(fault.status, { ...type, 'content-length': body.length, ...headers });
  exchange.end(body);
}

function sendError(exchange: Exchange, dialect: Dialect, status: number, headers: OutgoingHttpHeaders = {}): void {
  const body = Buffer.from(
    dialect.error(status, `The fake ${dialect.name} provider answers ${status} because a fault is set.`),
  );
  exchange.head(status, { ...json, 'content-length': body.length, ...headers });
  exchange.end(body);
}
