/**
 * Spans on their way to a collector: a bounded queue, sent in batches, one at a time. A collector that is slow or gone
 * costs spans, which are counted, and nothing else: nobody waits for it but a stop, for a moment.
 */
import { type Clock, sleep, type Timer } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';

interface QueueOptions<Span> {
  /** Sends a batch. `done` is told why it did not arrive; null if it did. */
  readonly send: (batch: Span[], done: (error: Error | null) => void) => void;
  readonly dropped: (count: number) => void;
  /** Of the collector, for messages. */
  readonly endpoint: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** About 6 MB of spans. */
const MOST_WAITING = 2_048;
/** To write so many as JSON takes some milliseconds, in which nothing else happens. */
const BATCH = 128;
const SEND_EVERY_MS = 1_000;

export class SpanQueue<Span> {
  readonly #options: QueueOptions<Span>;
  readonly #timer: Timer;
  #waiting: Span[] = [];
  #sending: Promise<void> | null = null;
  /** Spans of the batch that is on its way. */
  #onTheWay = 0;
  /** Dropped and not told yet: they are told together. */
  #dropped = 0;
  /** Whether the last batch did not arrive. */
  #isBroken = false;
  #isStopped = false;

  constructor(options: QueueOptions<Span>) {
    this.#options = options;
    this.#timer = options.clock.every(SEND_EVERY_MS, () => {
      this.#tell();
      this.#sendSome();
    });
  }

  /** Takes a span, unless the queue is full. */
  add(span: Span): void {
    // Its request was under way when a reload took this queue out of use.
    if (this.#isStopped) {
      this.#options.dropped(1);
      return;
    }
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(span);
    if (this.#waiting.length >= BATCH) this.#sendSome();
  }

  /** Sends what is left, for no longer than `limitMs`; what does not arrive by then is dropped. */
  async stop(limitMs: number): Promise<void> {
    const { clock } = this.#options;
    this.#timer.cancel();
    this.#isStopped = true;
    const untilMs = clock.nowMs() + limitMs;
    // One that was gone a moment ago is not waited for.
    while ((this.#waiting.length > 0 || this.#sending !== null) && !this.#isBroken && clock.nowMs() < untilMs) {
      this.#sendSome();
      const limit = new AbortController();
      await Promise.race([this.#sending, sleep(clock, untilMs - clock.nowMs(), limit.signal)]);
      limit.abort();
    }
    this.#dropped += this.#waiting.length + this.#onTheWay;
    this.#onTheWay = 0;
    this.#waiting = [];
    this.#tell();
  }

  #sendSome(): void {
    if (this.#sending !== null || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, BATCH);
    this.#onTheWay = batch.length;
    this.#sending = this.#deliver(batch);
  }

  /** Never rejects: what is thrown instead of told is a batch that did not arrive. */
  async #deliver(batch: Span[]): Promise<void> {
    const error = await new Promise<Error | null>((resolve) => this.#options.send(batch, resolve)).catch(
      (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
    );
    this.#sending = null;
    this.#arrived(error);
    if (this.#waiting.length >= BATCH) this.#sendSome();
  }

  #arrived(error: Error | null): void {
    const { endpoint, log } = this.#options;
    // After a stop that could not wait for it, it counts as dropped already.
    const count = this.#onTheWay;
    this.#onTheWay = 0;
    if (error !== null) {
      this.#dropped += count;
      if (!this.#isBroken) log.warn({ endpoint, reason: error.message }, 'traces do not arrive: spans are dropped');
    } else if (this.#isBroken) log.info({ endpoint }, 'traces arrive again');
    this.#isBroken = error !== null;
  }

  #tell(): void {
    if (this.#dropped > 0) this.#options.dropped(this.#dropped);
    this.#dropped = 0;
  }
}
