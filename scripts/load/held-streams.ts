/** Many endless streams at the same time, and a count of what they receive. */
import { ClientConnection, requestsFor } from './client-connection.ts';
import type { StreamTally, Target } from './protocol.ts';

/** So many streams are opened together; the next ones follow when these have begun. */
const AT_ONCE = 50;

/** Begins to open its streams immediately. */
export class HeldStreams {
  readonly #connections: ClientConnection[] = [];
  readonly #opened: Promise<void>;
  #events = 0;
  #reads = 0;
  #lost = 0;
  #longestGapMs = 0;

  constructor(target: Target, streams: number) {
    this.#opened = this.#open(target, streams);
  }

  /** Resolves when every stream has received an event or is lost. */
  flowing(): Promise<void> {
    return this.#opened;
  }

  /** What was received since the last call. */
  tally(): StreamTally {
    const tally = {
      events: this.#events,
      reads: this.#reads,
      lost: this.#lost,
      longestGapMs: this.#longestGapMs,
    };
    this.#events = this.#reads = this.#longestGapMs = 0;
    return tally;
  }

  /** Closes all streams. */
  release(): void {
    for (const connection of this.#connections) connection.close();
  }

  async #open(target: Target, streams: number): Promise<void> {
    const [request] = requestsFor(target);
    if (request === undefined) throw new Error('a stream needs a body to ask with');
    for (let opened = 0; opened < streams; opened += AT_ONCE) {
      const count = Math.min(AT_ONCE, streams - opened);
      await Promise.all(Array.from({ length: count }, () => this.#begin(target.port, request)));
    }
    this.tally();
  }

  #begin(port: number, request: Buffer): Promise<void> {
    const connection = new ClientConnection(port);
    this.#connections.push(connection);
    let seen = 0;
    let lastAt = performance.now();
    return new Promise((resolve) => {
      const lose = () => {
        this.#lost += 1;
        resolve();
      };
      connection.send(request, {
        read: ({ events, done, status }) => {
          if (done || status >= 300) lose();
          if (events === seen) return;
          const now = performance.now();
          this.#events += events - seen;
          this.#reads += 1;
          this.#longestGapMs = Math.max(this.#longestGapMs, now - lastAt);
          seen = events;
          lastAt = now;
          resolve();
        },
        broken: lose,
      });
    });
  }
}
