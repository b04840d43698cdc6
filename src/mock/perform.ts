/** Sends one answer, healthy or with a fault. A fault of the answer's end is here; its other forms are in `odd-answers`. */
import type { OutgoingHttpHeaders } from 'node:http';
import { emptyAnswer } from './answer.ts';
import type { Fault } from './faults.ts';
import { sendBadJson, sendCompressed, sendInOtherForm, sendPage, sendSplit, sendWithWrongType } from './odd-answers.ts';
import { eventStream, json, type Performance, sendError, sendPart, sendRest, sendWhole } from './send.ts';

/** Sends the answer, or the part of it that the fault allows. Resolves when nothing more will be sent. */
export async function perform(performance: Performance): Promise<void> {
  const { exchange, fault, shape } = performance;
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
      return stall(performance, fault);
    case 'cut':
      if (await sendBeginning(performance, fault)) await exchange.cut(fault.how);
      return;
    case 'end-early':
      if (await sendBeginning(performance, fault, { length: false })) exchange.end();
      return;
    case 'finish-then-no-end':
      return sendWithoutTerminal(performance, fault.how);
    case 'linger':
      return linger(performance);
    case 'bad-chunk':
      return sendBadChunk(performance, fault.afterChunks);
    case 'error-in-stream':
      return sendErrorInStream(performance, fault);
    case 'empty':
      return sendWhole({ ...performance, answer: emptyAnswer(performance.asked) });
    case 'bad-json':
      return sendBadJson(performance);
    case 'html':
      return sendPage(performance, fault.status);
    case 'gzip':
      return sendCompressed(performance, fault.how);
    case 'wrong-type':
      return sendWithWrongType(performance);
    case 'other-form':
      return sendInOtherForm(performance);
    case 'split':
      return sendSplit(performance);
    default:
      fault satisfies never;
  }
}

/** The part before a fault, with half of the event behind it where the fault falls inside of one. */
async function sendBeginning(
  performance: Performance,
  { afterChunks, inside }: FaultOf<'cut' | 'end-early'>,
  options: { readonly length?: boolean } = {},
): Promise<boolean> {
  const { exchange, answer } = performance;
  if (!(await sendPart(performance, afterChunks, options))) return false;
  if (!inside || answer.kind === 'plain') return true;
  const { pieces, piece, finish } = answer.events;
  const next = afterChunks < pieces ? piece(afterChunks) : finish;
  return exchange.write(next.subarray(0, next.length / 2));
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

async function sendLateContent(performance: Performance, delayMs: number): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') {
    if (await exchange.pause(delayMs)) await sendWhole(performance);
    return;
  }
  exchange.head(200, eventStream(answer.events));
  if (!(await exchange.write(answer.events.opening))) return;
  await sendRest(performance, answer.events, exchange.pause(delayMs));
}

async function stall(performance: Performance, { afterChunks, commentMs }: FaultOf<'stall'>): Promise<void> {
  const { exchange, answer } = performance;
  if (!(await sendPart(performance, afterChunks))) return;
  if (commentMs === undefined || answer.kind === 'plain') return;
  const { comment = sseComment } = answer.events;
  while (await exchange.pause(commentMs)) if (!(await exchange.write(comment))) return;
}

const sseComment = Buffer.from(': still here\n\n');

async function sendWithoutTerminal(performance: Performance, how: 'end' | 'stall'): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') return sendWhole(performance);
  const { events } = answer;
  if (!(await sendPart(performance, events.pieces))) return;
  if ((await exchange.write(events.finish)) && how === 'end') exchange.end();
}

async function linger(performance: Performance): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') {
    exchange.head(200, json);
    await exchange.writeSliced(answer.body);
    return;
  }
  const { events } = answer;
  if (await sendPart(performance, events.pieces)) await exchange.write(events.closing);
}

async function sendBadChunk(performance: Performance, afterChunks: number): Promise<void> {
  const { exchange, answer } = performance;
  if (answer.kind === 'plain') return sendBadJson(performance);
  const { events } = answer;
  if (!(await sendPart(performance, afterChunks))) return;
  await sendRest(performance, events, exchange.write(events.bad), afterChunks);
}

async function sendErrorInStream(
  performance: Performance,
  { afterChunks, how }: FaultOf<'error-in-stream'>,
): Promise<void> {
  const { exchange, answer, dialect } = performance;
  if (answer.kind === 'plain') return sendError(exchange, dialect, dialect.streamErrorStatus);
  const { events } = answer;
  const sent = Math.min(afterChunks, events.pieces);
  if (await sendPart(performance, sent)) exchange.end(events.error(sent, how));
}

function sendStatus({ exchange, dialect }: Performance, fault: FaultOf<'status'>): void {
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
