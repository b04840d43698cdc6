/**
 * How far the answer to a request for a stream is with its client:
 *
 *   unsent ─┬─ its provider is alive, a second after the request came ─► opened ─┬─ first content ─► committed
 *           └──────────────────────────── first content ─────────────────────────┘
 *
 * Load balancers cut connections that are silent for a minute, and a model may think for longer. So a provider's own
 * comments and pings open the answer: its head and events that say nothing go out, but no content, and another target may
 * still answer. From then on no status can tell of a failure. An error event does, and the body stays unfinished.
 */
import type { ModelConfig } from '../../shared/config.ts';
import type { ActiveRequest } from './active-request.ts';
import { ChunkedWriter } from './chunked-writer.ts';
import { addCommonHeaders, STREAM_HEADERS } from './reply-headers.ts';

/** An answer that fails sooner keeps its status. */
const OPEN_AFTER_MS = 1_000;

/** Between two events that say nothing. */
const KEEP_WARM_MS = 1_000;

/** Sends the head. `headers` are the provider's that go back, if it is known which provider answers. */
export function openStream(request: ActiveRequest, headers: Readonly<Record<string, string>> = {}): ChunkedWriter {
  const { outgoing, plane } = request;
  if (plane.draining) outgoing.shouldKeepAlive = false;
  const ours: Record<string, string> = { ...STREAM_HEADERS, ...headers };
  addCommonHeaders(ours, request);
  const writer = new ChunkedWriter(outgoing, 200, ours);
  request.opened(writer);
  return writer;
}

/** The provider has sent something that the client gets nothing of: its connection is kept warm. */
export function keepWarm(request: ActiveRequest): void {
  const { incoming, outgoing, reply } = request;
  const elapsedMs = request.elapsedMs();
  // A client without support for chunks would take a body that is cut for a whole one.
  if (elapsedMs < OPEN_AFTER_MS || outgoing.destroyed || !outgoing.useChunkedEncodingByDefault) return;
  if (outgoing.writableEnded || outgoing.writableNeedDrain || !request.mayKeepWarm(KEEP_WARM_MS)) return;
  (reply.kind === 'unsent' ? openEarly(request) : reply.writer).write(
    request.dialect.keepAlive(incoming.headers['user-agent']),
  );
}

function openEarly(request: ActiveRequest): ChunkedWriter {
  request.plane.outbox.push({ type: 'stream-opened', model: request.modelLabel() });
  return openStream(request);
}

/**
 * Keeps a stream warm by the clock, whatever its providers send, if its model asks for that. Returns what stops it, to be
 * called when its end is decided; null where nothing runs.
 */
export function keepWarmByClock(
  request: ActiveRequest,
  { keepAliveAfterMs: everyMs }: ModelConfig,
): (() => void) | null {
  if (everyMs === null || !request.stream) return null;
  const { timers } = request.plane.tools;
  const beat = () => {
    keepWarm(request);
    timer = timers.arm(everyMs, beat);
  };
  let timer = timers.arm(everyMs, beat);
  return () => timer.cancel();
}
