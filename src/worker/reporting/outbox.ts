/**
 * Sends a worker's events. Each event is folded into the worker's own registry immediately and sent to the primary in
 * one message per event-loop turn. Responses wait here until their events are delivered.
 *
 *   push ─ record ─────┐                       ┌─ callback: delivered ── release
 *   push ─ record ─────┼─ setImmediate: send ──┤
 *   whenDelivered(r) ──┘                       └─ 50 ms without it ───── release, counted as unconfirmed
 *
 * Only the callback of a send proves that the message is in the pipe and survives this process; the return of the send
 * does not. With 256 sends waiting for their callback, further events are dropped, not queued. They are in the
 * registry, so the next snapshot corrects the counts. Circuit outcomes are not lost: dropped ones are sent as sums,
 * verdicts of probes and cooldowns one by one.
 */
import type { Clock, Timer } from '../../shared/clock.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import type { WorkerMessage } from '../../shared/ipc.ts';
import type { GatewayMetrics } from '../../shared/metrics/metrics.ts';
import { record } from '../../shared/metrics/record.ts';
import { DropTally } from './drop-tally.ts';

const MAX_OUTSTANDING = 256;
const CONFIRM_WITHIN_MS = 50;
const CLOSE_WITHIN_MS = 1000;

type EventsMessage = Extract<WorkerMessage, { type: 'events' }>;

interface OutboxOptions {
  readonly metrics: GatewayMetrics;
  /**
   * Sends to the primary. `done` must be the callback of the channel's own send: called once, with its error if any.
   */
  readonly send: (message: EventsMessage, done: (error: Error | null) => void) => void;
  readonly clock: Clock;
}

/** Responses that wait for the delivery of the same message. */
interface Batch {
  releases: (() => void)[];
  /** When `releases` are run without confirmation; set by the oldest of them. */
  dueAtMs: number;
}

/** The only path on which an event leaves its worker. */
export class Outbox {
  readonly #metrics: GatewayMetrics;
  readonly #send: OutboxOptions['send'];
  readonly #clock: Clock;

  /** Number of the last pushed event and of the last folded one. They differ only while the fold is held. */
  #numbered = 0;
  #folded = 0;
  #holds = 0;
  #held: WorkerEvent[] = [];

  #connected = true;
  #scheduled = false;
  #turnFirst = 1;
  #turn: WorkerEvent[] = [];
  #turnBatch: Batch = { releases: [], dueAtMs: 0 };
  /** In the order of sending, which is also the order of the callbacks. */
  #outstanding: Batch[] = [];
  #newest: Batch | null = null;
  #timer: Timer | null = null;
  readonly #tally = new DropTally();

  #watch: { count: number; nextAt: number; reached: () => void } | null = null;
  #closing: (() => void) | null = null;

  constructor({ metrics, send, clock }: OutboxOptions) {
    this.#metrics = metrics;
    this.#send = send;
    this.#clock = clock;
  }

  /** Number of the last event folded into the registry; 0 before the first. */
  get sequence(): number {
    return this.#folded;
  }

  /** Folds an event and sends it with this turn's message. */
  push(event: WorkerEvent): void {
    if (this.#holds > 0) {
      this.#held.push(event);
      this.#numbered += 1;
    } else {
      record(this.#metrics, event);
      this.#numbered += 1;
      this.#folded = this.#numbered;
    }
    if (!this.#connected) return;
    if (this.#turn.length === 0) this.#turnFirst = this.#numbered;
    this.#turn.push(event);
    this.#schedule();
  }

  /**
   * Runs `release` once all events pushed so far are in the primary's pipe, or after 50 ms; then the response is
   * counted as unconfirmed. If there is nothing to wait for, or no primary, it runs `release` before it returns.
   */
  whenDelivered(release: () => void): void {
    if (this.#turn.length > 0) {
      this.#wait(this.#turnBatch, release);
    } else if (this.#connected && this.#newest !== null) {
      this.#wait(this.#newest, release);
      this.#arm(this.#newest.dueAtMs);
    } else {
      release();
    }
  }

  /**
   * Holds events back from the fold until the returned function is called (once), so that calls that are not atomic can
   * read the registry. Events are still sent.
   */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      if (this.#holds > 0) return;
      const held = this.#held;
      this.#held = [];
      for (const event of held) record(this.#metrics, event);
      this.#folded += held.length;
    };
  }

  /**
   * Calls `reached` at the end of each turn in which another `count` events have been pushed. One watcher at a time.
   */
  watch(count: number, reached: () => void): void {
    this.#watch = { count, nextAt: this.#numbered + count, reached };
  }

  /** Called when the primary is gone: all waiting responses are released. From now on, events are only folded. */
  disconnected(): void {
    this.#connected = false;
    this.#turn = [];
    const waiting = [...this.#outstanding, this.#turnBatch];
    this.#outstanding = [];
    this.#newest = null;
    this.#turnBatch = { releases: [], dueAtMs: 0 };
    for (const batch of waiting) releaseBatch(batch);
    this.#closing?.();
  }

  /** Sends pending events and resolves when the pipe has all events, or after a second. The outbox stays usable. */
  close(): Promise<void> {
    this.#flush();
    if (this.#outstanding.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.after(CLOSE_WITHIN_MS, resolve);
      this.#closing = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #wait(batch: Batch, release: () => void): void {
    if (batch.releases.length === 0) batch.dueAtMs = this.#clock.nowMs() + CONFIRM_WITHIN_MS;
    batch.releases.push(release);
  }

  #flush(): void {
    this.#scheduled = false;
    if (!this.#connected) return;
    if (this.#outstanding.length >= MAX_OUTSTANDING) this.#drop();
    else this.#sendTurn();
    if (this.#watch !== null && this.#numbered >= this.#watch.nextAt) {
      this.#watch.nextAt = this.#numbered + this.#watch.count;
      this.#watch.reached();
    }
  }

  #sendTurn(): void {
    const { events: lost, kept, outcomes } = this.#tally.take();
    // Their numbers are lower than this turn's, so they go first: the primary accepts numbers only in rising order.
    for (const { number, event } of kept) {
      this.#sendBatch({ type: 'events', first: number, events: [event] }, newBatch());
    }
    if (lost > 0) this.push({ type: 'events-dropped', count: lost });
    if (this.#turn.length === 0) return;
    const message = { type: 'events', first: this.#turnFirst, events: this.#turn } as const;
    const batch = this.#turnBatch;
    this.#turn = [];
    this.#turnBatch = newBatch();
    this.#sendBatch(outcomes.length > 0 ? { ...message, dropped: outcomes } : message, batch);
  }

  #sendBatch(message: EventsMessage, batch: Batch): void {
    this.#outstanding.push(batch);
    this.#newest = batch;
    if (batch.releases.length > 0) this.#arm(batch.dueAtMs);
    this.#send(message, (error) => this.#delivered(batch, error));
  }

  #delivered(batch: Batch, error: Error | null): void {
    // A channel that has failed once never works again.
    if (error !== null) {
      this.disconnected();
      return;
    }
    const place = this.#outstanding.indexOf(batch);
    if (place < 0) return;
    this.#outstanding.splice(place, 1);
    if (this.#newest === batch) this.#newest = null;
    releaseBatch(batch);
    if (this.#tally.waiting) this.#schedule();
    if (this.#outstanding.length === 0) this.#closing?.();
  }

  /** Called when the pipe is full. These events will get no callback, so the responses must not wait for one. */
  #drop(): void {
    for (const [index, event] of this.#turn.entries()) this.#tally.drop(this.#turnFirst + index, event);
    const batch = this.#turnBatch;
    this.#turn = [];
    this.#turnBatch = newBatch();
    this.#releaseUnconfirmed([batch]);
  }

  /** Sets one timer for the oldest waiting response. It is never cancelled, because letting it expire costs less. */
  #arm(dueAtMs: number): void {
    if (this.#timer !== null) return;
    this.#timer = this.#clock.after(Math.max(0, dueAtMs - this.#clock.nowMs()), () => {
      // After a long turn, timers run before callbacks that are due too. With setImmediate, those callbacks run first.
      setImmediate(() => this.#expire());
    });
  }

  #expire(): void {
    this.#timer = null;
    const nowMs = this.#clock.nowMs();
    const waiting = this.#outstanding.filter((batch) => batch.releases.length > 0);
    this.#releaseUnconfirmed(waiting.filter((batch) => batch.dueAtMs <= nowMs));
    const left = waiting.filter((batch) => batch.releases.length > 0).map((batch) => batch.dueAtMs);
    if (left.length > 0) this.#arm(Math.min(...left));
  }

  #releaseUnconfirmed(batches: readonly Batch[]): void {
    const responses = batches.reduce((sum, batch) => sum + batch.releases.length, 0);
    if (responses === 0) return;
    this.push({ type: 'unconfirmed', responses });
    for (const batch of batches) releaseBatch(batch);
  }
}

function newBatch(): Batch {
  return { releases: [], dueAtMs: 0 };
}

function releaseBatch(batch: Batch): void {
  const releases = batch.releases;
  batch.releases = [];
  for (const each of releases) each();
}
