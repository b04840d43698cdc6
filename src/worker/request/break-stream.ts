/** Ends an answer that has begun and failed: so that no client can take it for a whole one. */
import type { ActiveRequest } from './active-request.ts';
import type { ChunkedWriter } from './chunked-writer.ts';

/** Time that a client gets to read its error event. */
const LAST_BYTES_MS = 10_000;

/** Sends the last event; behind it the body ends as it should only where the dialect's clients know by the event alone. */
export function breakStream({ outgoing, dialect }: ActiveRequest, writer: ChunkedWriter, errorEvent: Buffer): void {
  if (outgoing.destroyed) return;
  if (dialect.endsCleanly === true) {
    writer.end(errorEvent);
    return;
  }
  // The chunked body stays unfinished on purpose: the socket is closed after the event, without the last chunk.
  writer.write(errorEvent, () => outgoing.socket?.destroySoon());
  outgoing.setTimeout(LAST_BYTES_MS, () => outgoing.destroy());
}
