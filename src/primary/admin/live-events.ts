/**
 * The live view: changes of circuits and workers when they happen, the rates and the whole status once a second. Each event is
 * made and written once for all watchers, and the status only while there are some. Nothing is stored, and a slow watcher
 * does not slow the gateway down.
 */
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { WorkerEvent } from '../../shared/events.ts';
import type { FailureShown } from '../failures/failure-book.ts';
import type { Status } from './status.ts';

/** Requests that ended within one second. */
interface Rates {
  readonly type: 'rates';
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  /** In the order in which providers appear; `unknown` holds the requests that reached no provider. */
  readonly providers: Readonly<Record<string, { readonly requests: number; readonly errors: number }>>;
}

export type LiveEvent =
  | Rates
  | {
      readonly type: 'circuit';
      readonly provider: string;
      /** The provider's name of the model; null: the provider's own circuit. */
      readonly model: string | null;
      readonly state: CircuitState;
    }
  | { readonly type: 'worker'; readonly slot: number; readonly pid: number; readonly state: string }
  | FailureShown
  | { readonly type: 'status'; readonly status: Status };

/**
 * Gets every event as a frame of the event stream.
 *
 * @param isRenewed another of its kind follows within a second, so that a slow watcher may miss it
 */
export type Watch = (frame: string, isRenewed: boolean) => void;

const PERIOD_MS = 1_000;

/** One per gateway. */
export class LiveEvents {
  readonly #watchers = new Set<Watch>();
  readonly #timer: Timer;
  #counts = new Map<string, { requests: number; errors: number }>();
  #sinceMs: number;
  #status: (() => Status) | null = null;

  constructor(clock: Clock) {
    this.#sinceMs = clock.nowMs();
    this.#timer = clock.every(PERIOD_MS, () => {
      this.#publishRates(clock.nowMs());
      const frame = this.#statusFrame();
      if (frame !== null) this.#send(frame, true);
    });
  }

  /** Tells where the status is. */
  connect(status: () => Status): void {
    this.#status = status;
  }

  /** Counts the ended requests among a worker's events. */
  count(events: readonly WorkerEvent[]): void {
    for (const event of events) {
      if (event.type !== 'request-ended') continue;
      const counts = this.#counts.get(event.provider) ?? { requests: 0, errors: 0 };
      counts.requests += 1;
      if (event.status === 'error') counts.errors += 1;
      this.#counts.set(event.provider, counts);
    }
  }

  /** Sends `event` to all watchers. */
  publish(event: LiveEvent): void {
    if (this.#watchers.size > 0) this.#send(frameOf(event), false);
  }

  /** Calls `watch` with the status, and with every event from now on, until the returned function is called. */
  subscribe(watch: Watch): () => void {
    this.#watchers.add(watch);
    const frame = this.#statusFrame();
    if (frame !== null) watch(frame, false);
    return () => this.#watchers.delete(watch);
  }

  close(): void {
    this.#timer.cancel();
    this.#watchers.clear();
  }

  #send(frame: string, isRenewed: boolean): void {
    for (const watch of this.#watchers) watch(frame, isRenewed);
  }

  /** Null while nobody watches. */
  #statusFrame(): string | null {
    if (this.#status === null || this.#watchers.size === 0) return null;
    return frameOf({ type: 'status', status: this.#status() });
  }

  #publishRates(nowMs: number): void {
    const counts = this.#counts;
    const seconds = Math.max(0.001, (nowMs - this.#sinceMs) / 1000);
    this.#counts = new Map();
    this.#sinceMs = nowMs;
    const all = [...counts.values()];
    const perSecond = (total: number) => Math.round((total / seconds) * 10) / 10;
    if (this.#watchers.size === 0) return;
    const rates: Rates = {
      type: 'rates',
      requestsPerSecond: perSecond(all.reduce((sum, { requests }) => sum + requests, 0)),
      errorsPerSecond: perSecond(all.reduce((sum, { errors }) => sum + errors, 0)),
      providers: Object.fromEntries(counts),
    };
    this.#send(frameOf(rates), true);
  }
}

function frameOf(event: LiveEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
