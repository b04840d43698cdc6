/**
 * Takes a stream in place of a client: for a plain request whose provider streams its answer nonetheless. Its chunks, in
 * OpenAI's dialect, become one completion.
 */
import { openai } from '../../providers/openai/index.ts';
import type { AnswerContext, TranslatedResponse } from '../../providers/types.ts';
import { asRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { ChunkCollector } from '../../wire/collect-chunks.ts';
import { SseSplitter } from '../../wire/sse.ts';
import { type AttemptFailure, failureByPayload } from './attempt-failure.ts';
import type { HeldBytes } from './byte-meter.ts';
import type { StreamClose, StreamSink } from './live-stream.ts';

interface CollectingOptions {
  readonly context: AnswerContext;
  readonly maxBytes: number;
  readonly answered: (response: TranslatedResponse) => void;
  readonly failed: (failure: AttemptFailure) => void;
  /** The answer is larger than `maxBytes`. */
  readonly overflow: () => void;
  /** Of the whole answer. */
  readonly held: HeldBytes;
  /** `held` finds no room for it. */
  readonly full: () => void;
}

export class CollectingSink implements StreamSink {
  readonly #options: CollectingOptions;
  readonly #splitter = new SseSplitter();
  readonly #collector = new ChunkCollector();
  #bytes = 0;

  constructor(options: CollectingOptions) {
    this.#options = options;
  }

  write(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    const { maxBytes, overflow, held, full } = this.#options;
    if (this.#bytes > maxBytes) overflow();
    else if (held.set(this.#bytes)) this.#collect(bytes);
    else full();
    return true;
  }

  close(close: StreamClose): void {
    if (close.kind === 'broken') {
      this.#options.failed(close.failure);
      return;
    }
    const response = this.response(close.terminal);
    if (response !== null) this.#options.answered(response);
  }

  /** The completion of all bytes, the last ones included, which may bring the usage; null after a failure. */
  response(last: Buffer): TranslatedResponse | null {
    this.#collect(last);
    try {
      return openai.response(Buffer.from(JSON.stringify(this.#collector.completion())), this.#options.context);
    } catch (cause) {
      this.#options.failed(failureByPayload(cause));
      return null;
    }
  }

  #collect(bytes: Buffer): void {
    for (const { data } of this.#splitter.push(bytes)) {
      const chunk = data === null ? null : asRecord(parseBounded(data));
      if (chunk !== null) this.#collector.push(chunk);
    }
  }
}
