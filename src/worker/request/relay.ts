/**
 * A committed stream on its way to the client: chunks as they come, at the client's pace, and one honest end.
 *
 * Complete: the terminal goes out once the checkpoint has the end. Broken: one error event, then the connection is closed
 * without the final chunk, so that no client can take it for a whole answer. Client gone: the provider is let off.
 * There is no way from here back to another attempt.
 */
import { exactSeconds, type StreamOutcome } from '../../shared/events.ts';
import { errorEnvelope } from '../../wire/error-envelope.ts';
import { sseData } from '../../wire/sse.ts';
import type { AttemptEnd } from '../upstream/attempt.ts';
import type { AttemptFailure } from '../upstream/attempt-failure.ts';
import type { LiveStream, StreamClose } from '../upstream/live-stream.ts';
import type { ActiveRequest } from './active-request.ts';
import { ChunkedWriter } from './chunked-writer.ts';
import { endAttempt, type MadeAttempt } from './record-attempt.ts';
import { addCommonHeaders, countTokens, failureError } from './reply.ts';
import { addReturnedHeaders } from './upstream-headers.ts';

/** What an attempt hands out once its first content is here. */
type BegunStream = Extract<AttemptEnd, { kind: 'stream' }>;

/** What a client gets to take its error event in. */
const LAST_WORDS_MS = 10_000;

/** Relays to the end; resolves when the response is over, however it ended. Never rejects: there is no way back. */
export async function relayStream(request: ActiveRequest, attempt: MadeAttempt, begun: BegunStream): Promise<void> {
  try {
    commit(request, attempt);
    await relay(request, attempt, begun);
  } catch (error) {
    request.plane.log.error({ id: request.id, err: error }, 'a stream could not be relayed');
    begun.stream.abandon();
    request.finish('error', 200, () => request.outgoing.destroy());
  }
}

/** The point of no return: its first content is here. */
function commit(request: ActiveRequest, { target, lease }: MadeAttempt): void {
  const { plane } = request;
  const { provider } = target;
  request.firstContentMs = request.elapsedMs();
  request.note(provider, '200', null);
  const seconds = exactSeconds(request.firstContentMs);
  plane.outbox.push({ type: 'first-content', provider, model: request.modelLabel(), seconds });
  if (lease === null) return;
  plane.outbox.push({ type: 'probe-committed', provider, lease });
  plane.gate.probeEnded(provider, lease, 'success');
}

async function relay(request: ActiveRequest, attempt: MadeAttempt, { stream, headers }: BegunStream): Promise<void> {
  const { outgoing, plane, cancellation } = request;
  if (plane.draining) outgoing.shouldKeepAlive = false;
  const ours: Record<string, string> = {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  };
  addReturnedHeaders(ours, headers);
  addCommonHeaders(ours, request);
  const body = new ChunkedWriter(outgoing, 200, ours);
  const beganMs = plane.clock.nowMs();
  const close = await new Promise<StreamClose>((resolve) => {
    outgoing.on('drain', () => stream.drained());
    stream.attach({ write: (bytes) => body.write(bytes), close: resolve });
    cancellation.watch((reason) => {
      stream.abandon();
      resolve({ kind: 'broken', failure: { result: { kind: reason } } });
    });
  });
  request.waitedMs += plane.clock.nowMs() - beganMs;
  countTokens(request, stream.usage);
  if (close.kind === 'complete') complete(request, attempt, stream, () => body.end(close.terminal));
  else breakOff(request, attempt, close.failure, body);
}

function complete(request: ActiveRequest, attempt: MadeAttempt, stream: LiveStream, end: () => void): void {
  const { plane, outgoing } = request;
  const { provider } = attempt.target;
  endAttempt(request, attempt, { result: { kind: 'success' } });
  countPace(request, stream);
  plane.outbox.push({ type: 'stream-ended', provider, outcome: 'complete' });
  request.finish('success', 200, () => {
    if (!outgoing.destroyed) end();
  });
}

function breakOff(request: ActiveRequest, attempt: MadeAttempt, failure: AttemptFailure, body: ChunkedWriter): void {
  const { plane, outgoing } = request;
  const { provider } = attempt.target;
  const judgement = endAttempt(request, attempt, failure);
  plane.outbox.push({ type: 'stream-ended', provider, outcome: streamOutcome(failure) });
  if (judgement.outcome === 'client_gone') {
    request.finish('success', 200, () => outgoing.destroy());
    return;
  }
  const error = failureError(request, provider, failure, judgement.code ?? 'provider_error');
  request.finish('error', 200, () => {
    // The chunked body stays unfinished on purpose: the socket is closed after the event, without the last chunk.
    if (outgoing.destroyed) return;
    body.write(sseData(JSON.stringify(errorEnvelope(error))), () => outgoing.socket?.destroySoon());
    outgoing.setTimeout(LAST_WORDS_MS, () => outgoing.destroy());
  });
}

function streamOutcome({ result }: AttemptFailure): StreamOutcome {
  switch (result.kind) {
    case 'client-gone':
      return 'client_gone';
    case 'error-event':
      return 'error_event';
    case 'timeout':
      return 'stalled';
    default:
      return 'cut';
  }
}

function countPace(request: ActiveRequest, stream: LiveStream): void {
  const tokens = stream.usage?.output ?? 0;
  if (tokens < 2 || request.firstContentMs === null) return;
  const seconds = exactSeconds((request.elapsedMs() - request.firstContentMs) / (tokens - 1));
  request.plane.outbox.push({ type: 'output-paced', provider: request.provider, model: request.modelLabel(), seconds });
}
