/** Open loop on bare sockets: how long answers take at a given rate. */
import { ClientConnection, requestsFor } from './client-connection.ts';
import { Pacer } from './pacer.ts';
import type { Paced, PacedTimes } from './protocol.ts';

/** A request that is still open so long after the last one was due has failed. */
const LATE_MS = 5_000;

/** Times count from when a request was due, so that a delay within this process counts too. */
export function pace({ target, perSecond, seconds }: Paced): Promise<PacedTimes> {
  const requests = requestsFor(target);
  const idle: ClientConnection[] = [];
  const toFirstEvent: number[] = [];
  const toEnd: number[] = [];
  const total = Math.floor(perSecond * seconds);
  const over = Promise.withResolvers<void>();
  let sent = 0;
  let broken = 0;
  let refused = 0;
  const ended = () => {
    if (toEnd.length + broken >= total) over.resolve();
  };
  const send = (request: Buffer, dueAt: number) => {
    const connection = idle.pop() ?? new ClientConnection(target.port);
    if (!connection.usable) {
      send(request, dueAt);
      return;
    }
    let first = true;
    connection.send(request, {
      read({ done, status, events }) {
        const tookMs = performance.now() - dueAt;
        if (first && (events > 0 || done)) {
          first = false;
          toFirstEvent.push(tookMs);
        }
        if (!done) return;
        if (status >= 300) refused += 1;
        toEnd.push(tookMs);
        idle.push(connection);
        ended();
      },
      broken() {
        broken += 1;
        ended();
      },
    });
  };
  const begin = (dueAt: number) => {
    const request = requests[sent % requests.length];
    sent += 1;
    if (request !== undefined) send(request, dueAt);
  };
  const pacer = new Pacer(perSecond, begin, () => sent < total);
  const late = setTimeout(over.resolve, seconds * 1000 + LATE_MS);
  return over.promise.then(() => {
    clearTimeout(late);
    pacer.stop();
    for (const connection of idle) connection.close();
    return { toFirstEvent, toEnd, failed: total - toEnd.length + refused, refused };
  });
}
