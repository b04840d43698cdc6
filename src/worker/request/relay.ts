/**
 * Relays a committed stream to the client, at the speed at which the client reads. No other attempt is possible from
 * here. The stream ends in one of three ways:
 *
 * - Complete: the terminal is sent once the events of the end are delivered.
 * - Broken: one error event is sent, then the connection is closed without the final chunk, so that no client can take
 *   the answer for a whole one. Where a dialect has an event of its own for that, the body ends as it should.
 * - Client gone: the exchange with the provider is aborted, and the provider is not blamed.
 */
import { exactSeconds } from '../../shared/events.ts';
import type { AttemptEnd } from '../upstream/attempt.ts';
import { type AttemptFailure, noRoom, withTold } from '../upstream/attempt-failure.ts';
import type { LiveStream, StreamClose } from '../upstream/live-stream.ts';
import { requestIdOf } from '../upstream/request-id.ts';
import type { ActiveRequest } from './active-request.ts';
import { judge } from './attempts/judge.ts';
import { type MadeAttempt, recordFirstContent, recordSuccess } from './attempts/record-attempt.ts';
import { breakStream } from './break-stream.ts';
import type { ChunkedWriter } from './chunked-writer.ts';
import { countLosses } from './count-losses.ts';
import { eventError, failureError } from './failure-words.ts';
import { openStream } from './open-stream.ts';
import { headgateFacts } from './reply.ts';
import { DROPPED_PARAMS } from './reply-headers.ts';
import { addReturnedHeaders } from './upstream-headers.ts';

/** The result of an attempt when the first content has arrived. */
type BegunStream = Extract<AttemptEnd, { kind: 'stream' }>;

/** Relays the stream to its end. Resolves when the end is decided, good or bad. Never rejects. */
export async function deliverStream(request: ActiveRequest, attempt: MadeAttempt, begun: BegunStream): Promise<void> {
  try {
    const body = commit(request, attempt, begun);
    await relay(request, attempt, begun, body);
  } catch (error) {
    request.plane.log.error({ id: request.id, err: error }, 'a stream could not be relayed');
    begun.stream.abandon();
    if (!attempt.isOver) judge(request, attempt, withTold(begun.stream, { fault: { kind: 'gateway-limit' } }));
    request.finish('error', 200, () => request.outgoing.destroy(), { code: 'internal_error', cause: error });
  }
}

/** The point of no return: the first content has arrived. */
function commit(request: ActiveRequest, attempt: MadeAttempt, { headers }: BegunStream): ChunkedWriter {
  const { history, plane, reply } = request;
  history.answered(requestIdOf(headers));
  const returned: Record<string, string> = {};
  addReturnedHeaders(returned, headers, plane.redactor);
  const writer = reply.kind === 'unsent' ? openStream(request, returned) : goOn(request, reply.writer);
  recordFirstContent(request, attempt, request.committed(writer));
  return writer;
}

async function relay(
  request: ActiveRequest,
  attempt: MadeAttempt,
  { stream }: BegunStream,
  body: ChunkedWriter,
): Promise<void> {
  const { outgoing, cancellation } = request;
  request.waiting.start('provider');
  const close = await new Promise<StreamClose>((resolve) => {
    outgoing.on('drain', () => {
      request.answerBytes.set(0);
      stream.drained();
    });
    const write = (bytes: Buffer) => {
      if (body.write(bytes)) return true;
      // What its client does not take is held here. The stream is told of it when it is done with these bytes.
      if (!request.answerBytes.set(outgoing.writableLength)) queueMicrotask(() => stream.fail(noRoom()));
      return false;
    };
    stream.attach({ write, close: resolve });
    cancellation.watch((reason) => {
      stream.abandon();
      resolve({ kind: 'broken', failure: withTold(stream, { fault: { kind: reason }, isSent: true }) });
    });
  });
  request.waiting.stop();
  if (attempt.quote.isPending) await attempt.quote.wait(request.plane.clock);
  countLosses(request, stream.facts);
  if (close.kind === 'complete') complete(request, attempt, stream, () => body.end(close.terminal));
  else breakOff(request, attempt, stream, close.failure, body);
}

/** A stream that was opened before: its head could not name what this target does not take, so a comment does. */
function goOn({ history }: ActiveRequest, writer: ChunkedWriter): ChunkedWriter {
  const { droppedParams } = history;
  if (droppedParams.length > 0) writer.write(Buffer.from(`: ${DROPPED_PARAMS}: ${droppedParams.join(', ')}\n\n`));
  return writer;
}

function complete(request: ActiveRequest, attempt: MadeAttempt, stream: LiveStream, end: () => void): void {
  const { plane, outgoing } = request;
  const { provider } = attempt.target;
  recordSuccess(request, attempt, stream);
  countPace(request, stream);
  plane.outbox.push({ type: 'stream-ended', provider, outcome: 'complete' });
  request.finish('success', 200, () => {
    if (!outgoing.destroyed) end();
  });
}

function breakOff(
  request: ActiveRequest,
  attempt: MadeAttempt,
  stream: LiveStream,
  failure: AttemptFailure,
  body: ChunkedWriter,
): void {
  const { plane, outgoing } = request;
  const { provider } = attempt.target;
  const { streamOutcome, code } = judge(request, attempt, failure);
  plane.outbox.push({ type: 'stream-ended', provider, outcome: streamOutcome });
  // The client has left: nothing has failed.
  if (code === null) {
    request.finish('client_gone', 200, () => outgoing.destroy());
    return;
  }
  const error = failureError(request, provider, failure, code);
  const told = eventError(request, failure, error);
  const errorEvent = request.dialect.brokenEnd(told, headgateFacts(request, error), stream.soFar);
  request.finish('error', 200, () => breakStream(request, body, errorEvent), error);
}

function countPace(request: ActiveRequest, stream: LiveStream): void {
  const tokens = stream.usage?.output ?? 0;
  if (tokens < 2 || request.firstContentMs === null) return;
  const seconds = exactSeconds((request.elapsedMs() - request.firstContentMs) / (tokens - 1));
  const { provider } = request.history;
  request.plane.outbox.push({ type: 'output-paced', provider, model: request.modelLabel(), seconds });
}
