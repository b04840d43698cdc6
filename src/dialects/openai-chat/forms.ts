/**
 * A whole completion as the chunks of a stream, and back: for a client that asked for the one and whose provider answers
 * in the other. Fields that are not known here are carried along.
 */
import { asRecord, parseJson } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { ChunkCollector } from '../../wire/collect-chunks.ts';
import { splitCompletion } from '../../wire/split-completion.ts';
import { DONE_EVENT, type SseEvent, sseData } from '../../wire/sse.ts';
import type { AnswerCollector, AnswerContext, SplitAnswer } from '../types.ts';

/** The events of a completion that has been read. */
export function split(body: Buffer, { includeUsage }: AnswerContext): SplitAnswer {
  const completion = asRecord(parseJson(body.toString('utf8'))) ?? {};
  const chunks = splitCompletion(completion, includeUsage);
  return { events: Buffer.concat(chunks.map((chunk) => sseData(JSON.stringify(chunk)))), terminal: DONE_EVENT };
}

/** The completion of chunks. */
export class ChatCollector implements AnswerCollector {
  readonly #chunks = new ChunkCollector();

  push({ data }: SseEvent): void {
    const chunk = data === null ? null : asRecord(parseBounded(data));
    if (chunk !== null) this.#chunks.push(chunk);
  }

  body(): Buffer {
    return Buffer.from(JSON.stringify(this.#chunks.completion()));
  }
}
