/**
 * Whether this worker makes traces, and with what. It makes none until the packages are loaded; a reload turns them on, off
 * or to another collector, and requests that are under way keep what they began with.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { TracingConfig } from '../../shared/tracing.ts';
import { type Arrived, RequestTrace } from './request-trace.ts';
import type { SpanMaker } from './span-maker.ts';

interface TracingOptions {
  /** Of this worker. */
  readonly slot: string;
  readonly dropped: (count: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** With a collector that answers, what is left at the end arrives in some milliseconds. */
const STOP_WITHIN_MS = 1_000;

export class Tracing {
  readonly #options: TracingOptions;
  #config: TracingConfig | undefined;
  #maker: SpanMaker | null = null;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: TracingOptions) {
    this.#options = options;
  }

  /** Whether traces are made now. */
  get isOn(): boolean {
    return this.#maker !== null && this.#config !== undefined;
  }

  /** The spans of a request that has arrived; null while there are no traces. */
  begin(arrived: Arrived): RequestTrace | null {
    if (this.#maker === null || this.#config === undefined) return null;
    return new RequestTrace(this.#maker, this.#config.conventions, arrived);
  }

  /** Makes traces as configured from now on, or none. Resolves when that is so; never rejects. */
  reconfigure(config: TracingConfig | undefined): Promise<void> {
    this.#changing = this.#changing.then(() => this.#change(config));
    return this.#changing;
  }

  /** Sends what is left, for a second at most. */
  async stop(): Promise<void> {
    await this.#changing;
    await this.#maker?.stop(STOP_WITHIN_MS);
  }

  async #change(config: TracingConfig | undefined): Promise<void> {
    if (isDeepStrictEqual(config, this.#config)) return;
    const before = this.#maker;
    this.#config = config;
    this.#maker = config === undefined ? null : await this.#open(config);
    // Spans of requests that are still under way come later: they have no way any more.
    await before?.stop(STOP_WITHIN_MS);
  }

  async #open(config: TracingConfig): Promise<SpanMaker | null> {
    const { slot, dropped, clock, log } = this.#options;
    try {
      const { openSpanMaker } = await import('./open-telemetry.ts');
      return await openSpanMaker({ config, slot, dropped, clock, log });
    } catch (error) {
      log.error(
        { err: error },
        'traces cannot be made: are the packages of OpenTelemetry as the configuration wants them?',
      );
      return null;
    }
  }
}
