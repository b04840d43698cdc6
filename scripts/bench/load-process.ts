/** Makes load in a process of its own and answers the questions of `load-protocol.ts`. */
import { ClientConnection, requestsFor } from './client-connection.ts';
import { HeldStreams } from './held-streams.ts';
import type { LoadQuestion, Paced, PacedTimes, Saturated, Saturation } from './load-protocol.ts';

const PACER_TICK_MS = 1;
/** What is still open so long after the last request was due has failed. */
const LATE_MS = 5_000;

/** Every connection asks again as soon as it is answered. */
function saturate({ target, connections, seconds }: Saturation): Promise<Saturated> {
  const requests = requestsFor(target);
  const open = new Set<ClientConnection>();
  let sent = 0;
  let answered = 0;
  let failed = 0;
  const ask = (connection: ClientConnection): void => {
    const request = requests[sent++ % requests.length];
    if (request === undefined) return;
    connection.send(request, {
      read({ done, status }) {
        if (!done) return;
        answered += 1;
        if (status >= 300) failed += 1;
        ask(connection);
      },
      broken() {
        failed += 1;
        open.delete(connection);
        begin();
      },
    });
  };
  const begin = () => {
    const connection = new ClientConnection(target.port);
    open.add(connection);
    ask(connection);
  };
  for (let index = 0; index < connections; index += 1) begin();
  return new Promise((resolve) => {
    setTimeout(() => {
      for (const connection of open) connection.close();
      resolve({ requests: answered, failed, perSecond: answered / seconds });
    }, seconds * 1000);
  });
}

/** Open loop: times count from when a request was due, so that one that had to wait here is not flattered. */
function pace({ target, perSecond, seconds }: Paced): Promise<PacedTimes> {
  const requests = requestsFor(target);
  const idle: ClientConnection[] = [];
  const toFirstEvent: number[] = [];
  const toEnd: number[] = [];
  const total = Math.floor(perSecond * seconds);
  let sent = 0;
  let broken = 0;
  let refused = 0;
  const startedAt = performance.now();
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
      },
      broken() {
        broken += 1;
      },
    });
  };
  return new Promise((resolve) => {
    const ticker = setInterval(() => {
      const now = performance.now();
      while (sent < total && startedAt + (sent * 1000) / perSecond <= now) {
        const request = requests[sent % requests.length];
        if (request !== undefined) send(request, startedAt + (sent * 1000) / perSecond);
        sent += 1;
      }
      const over = toEnd.length + broken >= total;
      if (!over && now < startedAt + seconds * 1000 + LATE_MS) return;
      clearInterval(ticker);
      for (const connection of idle) connection.close();
      resolve({ toFirstEvent, toEnd, failed: total - toEnd.length + refused, refused });
    }, PACER_TICK_MS);
  });
}

let held: HeldStreams | null = null;

async function answer(question: LoadQuestion): Promise<unknown> {
  switch (question.ask) {
    case 'saturate':
      return saturate(question.spec);
    case 'pace':
      return pace(question.spec);
    case 'hold':
      held = new HeldStreams(question.target, question.streams);
      await held.flowing();
      return null;
    case 'tally':
      return held?.tally() ?? null;
    case 'release':
      held?.release();
      held = null;
      return null;
    default:
      return question satisfies never;
  }
}

process.on('message', (question: LoadQuestion) => {
  void answer(question).then((given) => process.send?.({ given }));
});
process.on('disconnect', () => process.exit(0));
