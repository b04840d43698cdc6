/**
 * Sends snapshots of the registry to the primary on the snapshot pipe, one JSON line each, so no event waits behind a
 * snapshot. It sends one every 2 s or 5,000 events if anything changed, when the primary requests one, and at an
 * orderly end.
 *
 * At most one snapshot is under way. All requests in the meantime become one more snapshot, which is read when the pipe
 * is free. So a slow reader gets the newest state and never a queue.
 */
import type { Writable } from 'node:stream';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Snapshot } from '../../shared/ipc.ts';
import type { Log } from '../../shared/log.ts';
import type { Registry } from '../../shared/metrics/prom.ts';
import { capture } from './capture.ts';
import type { Outbox } from './outbox.ts';

const PERIOD_MS = 2000;
const PERIOD_EVENTS = 5000;
const FINAL_WITHIN_MS = 1000;

interface SnapshotWriterOptions {
  readonly registry: Registry;
  readonly outbox: Outbox;
  readonly workerId: string;
  /** The worker's end of the snapshot pipe (`SNAPSHOT_FD`). */
  readonly pipe: Writable;
  readonly clock: Clock;
  readonly log: Log;
}

/** One per worker. */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #wanted = false;
  #sentSequence = 0;
  #closed = false;

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
    options.pipe.on('error', (error) => {
      // The primary is gone, so no more snapshots are sent. The IPC channel's `disconnect` handles the rest.
      options.log.debug({ err: error }, 'snapshot pipe closed');
      this.#closed = true;
    });
  }

  /** Starts the regular snapshots. */
  start(): void {
    const { clock, outbox } = this.#options;
    this.#timer = clock.every(PERIOD_MS, () => {
      if (outbox.sequence !== this.#sentSequence) this.request();
    });
    outbox.watch(PERIOD_EVENTS, () => this.request());
  }

  /** Sends one as soon as the pipe is free, even without new events, because gauges change without events. */
  request(): void {
    this.#wanted = true;
    if (this.#running !== null || this.#closed) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Stops the regular snapshots and sends a last one. Resolves when the pipe has taken it, or after a second. */
  async final(): Promise<void> {
    this.#timer?.cancel();
    this.request();
    const { promise: late, resolve: expire } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(FINAL_WITHIN_MS, expire);
    await Promise.race([this.#running, late]);
    timer.cancel();
    this.#closed = true;
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      this.#wanted = false;
      try {
        await this.#sendOne();
      } catch (error) {
        this.#options.log.error({ err: error }, 'a snapshot could not be sent');
        return;
      }
    }
  }

  async #sendOne(): Promise<void> {
    const { registry, outbox, workerId, pipe } = this.#options;
    const { sequence, text } = await capture(registry, outbox, (sequence, metrics) =>
      JSON.stringify({ workerId, sequence, metrics } satisfies Snapshot),
    );
    this.#sentSequence = sequence;
    // On an error, the callback runs too, and the pipe's `error` event closes this writer.
    await new Promise<void>((resolve) => pipe.write(`${text}\n`, () => resolve()));
  }
}
