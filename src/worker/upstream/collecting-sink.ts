/**
 * Takes a stream in place of a client: for a plain request whose provider streams its answer nonetheless. Its events, in
 * the client's dialect, become one answer.
 */
import type { AnswerCollector, Dialect, ReadAnswer } from '../../dialects/types.ts';
import { SseSplitter } from '../../wire/sse.ts';
import { type AttemptFailure, failureByPayload } from './attempt-failure.ts';
import type { HeldBytes } from './byte-meter.ts';
import type { StreamClose, StreamSink } from './live-stream.ts';

interface CollectingOptions {
  /** The client's. */
  readonly dialect: Dialect;
  /** Of that dialect. */
  readonly collector: AnswerCollector;
  readonly maxBytes: number;
  readonly answered: (answer: ReadAnswer) => void;
  readonly failed: (failure: AttemptFailure) => void;
  /** The answer is larger than `maxBytes`. */
  readonly overflow: () => void;
  /** Of the whole answer. */
  readonly held: HeldBytes;
  /** `held` finds no room for it. */
  readonly full: () => void;
  /** An event of a stream that goes on cannot be collected. */
  readonly unreadable: (failure: AttemptFailure) => void;
}

export class CollectingSink implements StreamSink {
  readonly #options: CollectingOptions;
  readonly #splitter = new SseSplitter();
  #bytes = 0;

  constructor(options: CollectingOptions) {
    this.#options = options;
  }

  write(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    const { maxBytes, overflow, held, full, unreadable } = this.#options;
    if (this.#bytes > maxBytes) overflow();
    else if (!held.set(this.#bytes)) full();
    else {
      try {
        this.#collect(bytes);
      } catch (cause) {
        unreadable(failureByPayload(cause));
      }
    }
    return true;
  }

  close(close: StreamClose): void {
    if (close.kind === 'broken') {
      this.#options.failed(close.failure);
      return;
    }
    const answer = this.answer(close.terminal);
    if (answer !== null) this.#options.answered(answer);
  }

  /** The answer of all bytes, the last ones included, which may bring the token counts; null after a failure. */
  answer(last: Buffer): ReadAnswer | null {
    const { dialect, collector, failed } = this.#options;
    try {
      this.#collect(last);
      return dialect.inspect(collector.body(), null);
    } catch (cause) {
      failed(failureByPayload(cause));
      return null;
    }
  }

  #collect(bytes: Buffer): void {
    for (const event of this.#splitter.push(bytes)) this.#options.collector.push(event);
  }
}
