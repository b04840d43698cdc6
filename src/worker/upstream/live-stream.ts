/**
 * One provider's stream on its way to a client.
 *
 *   held ── first content ──► committed ── terminal ──► closed: complete
 *    │                            └── error, end, silence ──► closed: broken
 *    └── error, end, silence ──► refused (the request is still free to go elsewhere)
 *
 * Until its first content nothing reaches the client: events are held, and a failure is only a failed attempt. From
 * `commit` on there is no way back, so a `LiveStream` is all that an attempt hands out then. Only whole events are passed
 * on, so that an error event never lands in the middle of another. The terminal is not written here: whoever closes
 * the response writes it once the checkpoint has its events.
 */

import type { StreamStep, StreamTranslator, Usage } from '../../providers/types.ts';
import type { TimeoutOptions } from '../../shared/config.ts';
import { type SseEvent, SseSplitter } from '../../wire/sse.ts';
import { type AttemptFailure, failureByEvent, failureByPayload } from './attempt-failure.ts';
import type { PhaseTimer, PhaseTimers } from './phase-timers.ts';

export type StreamClose =
  /** `terminal`: the last bytes, not yet written. */
  | { readonly kind: 'complete'; readonly terminal: Buffer }
  | { readonly kind: 'broken'; readonly failure: AttemptFailure };

/** Where a committed stream goes. */
interface StreamSink {
  /** False: nothing more until `LiveStream.drained` is called. */
  write(bytes: Buffer): boolean;
  /** Called once, last. */
  close(close: StreamClose): void;
}

interface LiveStreamOptions {
  readonly translator: StreamTranslator;
  readonly timeouts: TimeoutOptions;
  readonly timers: PhaseTimers;
  /** The upstream exchange, as far as a stream steers it. */
  readonly source: { pause(): void; resume(): void; abort(): void };
  /** First content is here. */
  readonly committed: () => void;
  /** It failed before its first content. */
  readonly refused: (failure: AttemptFailure) => void;
  /** It is whole, and nothing explains why it has no content; `body` is all of it. */
  readonly empty: (body: Buffer, usage: Usage | null) => void;
}

/** How long an upstream may linger after its terminal before its connection is given up. */
const LINGER_MS = 1000;

/** So much without any content is not a stream that is about to begin. */
const MAX_HELD_BYTES = 1024 * 1024;

export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #splitter = new SseSplitter();
  #state: 'held' | 'committed' | 'over' = 'held';
  #held: Buffer[] = [];
  #heldBytes = 0;
  #sink: StreamSink | null = null;
  #closed: StreamClose | null = null;
  #paused = false;
  #silence: PhaseTimer;
  #longest: PhaseTimer | null = null;
  #linger: PhaseTimer | null = null;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    this.#silence = options.timers.arm(options.timeouts.firstContentMs, () =>
      this.fail({ result: { kind: 'timeout', phase: 'first_content' } }),
    );
  }

  get translator(): StreamTranslator {
    return this.#options.translator;
  }

  /** Bytes of the provider's. */
  data(chunk: Buffer): void {
    if (this.#state === 'over') return;
    let events: SseEvent[];
    try {
      events = this.#splitter.push(chunk);
    } catch (cause) {
      this.fail({ result: { kind: 'unreadable' }, cause });
      return;
    }
    for (const event of events) this.#take(event, 'unreadable');
  }

  /** The provider's bytes have ended. */
  ended(): void {
    this.#linger?.cancel();
    if (this.#state === 'over') return;
    const rest = this.#splitter.flush();
    if (rest !== null) this.#take(rest, 'cut');
    if (this.#stateNow() === 'over') return;
    const { complete, bytes } = this.#options.translator.end();
    if (!complete) this.fail({ result: { kind: 'cut' } });
    else this.#complete(bytes);
  }

  /** Ends the stream from our side or because its connection broke. After the first content it closes as broken. */
  fail(failure: AttemptFailure): void {
    if (this.#state === 'over') return;
    const wasCommitted = this.#state === 'committed';
    this.#finish();
    this.#options.source.abort();
    if (wasCommitted) this.#close({ kind: 'broken', failure });
    else this.#options.refused(failure);
  }

  /** Starts the relay: what was held goes out, then everything as it comes. */
  attach(sink: StreamSink): void {
    this.#sink = sink;
    const held = Buffer.concat(this.#held);
    this.#held = [];
    if (held.length > 0 && !sink.write(held)) this.#pause();
    if (this.#closed !== null) sink.close(this.#closed);
  }

  /** The client has taken what was written. */
  drained(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#silence.extend(this.#options.timeouts.stallMs);
    this.#options.source.resume();
  }

  /** The client is not interested any more. Nothing is told to the sink. */
  abandon(): void {
    this.#finish();
    this.#options.source.abort();
  }

  #take(event: SseEvent, whenUnreadable: 'unreadable' | 'cut'): void {
    if (this.#state === 'over') return;
    let step: StreamStep;
    try {
      step = this.#options.translator.push(event);
    } catch (cause) {
      this.fail(whenUnreadable === 'cut' ? { result: { kind: 'cut' }, cause } : failureByPayload(cause));
      return;
    }
    switch (step.kind) {
      case 'comment':
        if (this.#state === 'committed') this.#forward(step.bytes);
        return;
      case 'metadata':
        this.#forward(step.bytes);
        break;
      case 'content':
        this.#forward(step.bytes);
        this.#commit();
        break;
      case 'finish':
        this.#forward(step.bytes);
        if (!this.#options.translator.empty) this.#commit();
        break;
      case 'terminal':
        this.#complete(step.bytes);
        return;
      case 'error':
        this.fail(failureByEvent(step.error ?? null));
        return;
      default:
        step.kind satisfies never;
    }
    if (this.#state === 'committed' && !this.#paused) this.#silence.extend(this.#options.timeouts.stallMs);
  }

  #forward(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#sink === null) this.#hold(bytes);
    else if (!this.#sink.write(bytes)) this.#pause();
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > MAX_HELD_BYTES && this.#state === 'held') this.fail({ result: { kind: 'unreadable' } });
  }

  #commit(): void {
    if (this.#state !== 'held') return;
    const { timers, timeouts } = this.#options;
    this.#state = 'committed';
    this.#silence.cancel();
    this.#silence = timers.arm(timeouts.stallMs, () => this.#silent());
    this.#longest = timers.arm(timeouts.maxStreamMs, () => this.fail({ result: { kind: 'limit' } }));
    this.#options.committed();
  }

  #complete(terminal: Buffer): void {
    // Usage that explains it may have come after the finish reason.
    if (this.#state === 'held' && !this.#options.translator.empty) this.#commit();
    if (this.#stateNow() === 'held') {
      const { translator, empty } = this.#options;
      this.#finish();
      this.#options.source.abort();
      empty(Buffer.concat([...this.#held, terminal]), translator.usage);
      return;
    }
    this.#finish();
    // The client's answer ends now, whatever the provider's socket does; drained well, it can serve again.
    this.#linger = this.#options.timers.arm(LINGER_MS, () => this.#options.source.abort());
    this.#options.source.resume();
    this.#close({ kind: 'complete', terminal });
  }

  #pause(): void {
    this.#paused = true;
    this.#options.source.pause();
    // From here the client is the slow one; the provider's silence is our doing.
    this.#silence.extend(this.#options.timeouts.stallMs);
  }

  #silent(): void {
    this.fail({ result: this.#paused ? { kind: 'client-gone' } : { kind: 'timeout', phase: 'stall' } });
  }

  #finish(): void {
    this.#state = 'over';
    this.#silence.cancel();
    this.#longest?.cancel();
  }

  #close(close: StreamClose): void {
    if (this.#sink === null) this.#closed = close;
    else this.#sink.close(close);
  }

  /** Lets the compiler forget what it knew of `state` before a call that may have changed it. */
  #stateNow(): string {
    return this.#state;
  }
}
