/**
 * A whole completion as the chunks of a stream, and back: for a client that asked for the one and whose provider answers
 * in the other. A chunk is a completion of the next piece. Fields that are not known here are carried along.
 */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { ChunkCollector } from '../../wire/collect-chunks.ts';
import { DONE_EVENT, type SseEvent, sseData } from '../../wire/sse.ts';
import type { AnswerCollector, AnswerContext, SplitAnswer } from '../types.ts';

/** The events of a completion that has been read. */
export function split(body: Buffer, { includeUsage }: AnswerContext): SplitAnswer {
  const { usage, ...piece } = asRecord(parseJson(body.toString('utf8'))) ?? {};
  const isCounted = includeUsage && asRecord(usage) !== null;
  const chunks: JsonRecord[] = isCounted
    ? [
        { ...piece, usage: null },
        { ...piece, choices: [], usage },
      ]
    : [piece];
  return { events: Buffer.concat(chunks.map((chunk) => sseData(JSON.stringify(chunk)))), terminal: DONE_EVENT };
}

/** The completion of chunks. They are put together as a chat's are, whose pieces have one more wrapping. */
export class CompletionCollector implements AnswerCollector {
  readonly #chunks = new ChunkCollector();

  push({ data }: SseEvent): void {
    const chunk = data === null ? null : asRecord(parseBounded(data));
    if (chunk !== null) this.#chunks.push({ ...chunk, choices: asArray(chunk.choices).map(wrapped) });
  }

  body(): Buffer {
    const { choices, ...base } = this.#chunks.completion();
    const completion = { ...base, object: 'text_completion', choices: asArray(choices).map(unwrapped) };
    return Buffer.from(JSON.stringify(completion));
  }
}

function wrapped(choice: unknown): JsonRecord {
  const { text, ...rest } = asRecord(choice) ?? {};
  return { ...rest, delta: { text } };
}

function unwrapped(choice: unknown): JsonRecord {
  const { message, index, ...rest } = asRecord(choice) ?? {};
  return { text: asRecord(message)?.text ?? '', index, logprobs: null, ...rest };
}
