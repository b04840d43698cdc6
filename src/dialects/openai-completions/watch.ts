/**
 * Reads a stream of completions that goes back as it is. Each event's bytes are forwarded unchanged; only a byte order
 * mark, an event with empty data and an end without its terminal are repaired, as in a chat's stream.
 */
import { asArray, asRecord } from '../../shared/json.ts';
import { JsonPattern } from '../../wire/json-pattern.ts';
import { commentBytes, DONE_EVENT, type SseEvent, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { ofThisApi } from '../api-error.ts';
import type { Usage } from '../hub.ts';
import { checkNoOther, chunkIn, errorOf, fieldErrorOf, isDone } from '../openai-chat/chunk.ts';
import { isFinishReason, reasonOf, usageOf } from '../openai-chat/facts.ts';
import type { AnswerContext, AnswerStream, StreamEnd, StreamStep } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { hasText } from './facts.ts';

const NOTHING = Buffer.alloc(0);

export class CompletionStream implements AnswerStream {
  readonly heldBytes = 0;
  readonly #choices: number;
  /** `index` of each choice that has begun, and of each that has a finish reason. */
  readonly #begun = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #done = false;
  #hasParts = false;
  #reason: string | null = null;
  #usage: Usage | null = null;
  /** Whether any event was a chunk, and any another object. */
  #sawChunks = false;
  #sawOthers = false;
  /** Of the last event, if it was text and nothing else. */
  #pattern: JsonPattern | null = null;

  constructor({ choices }: Pick<AnswerContext, 'choices'>) {
    this.#choices = choices;
  }

  get whole(): boolean {
    return this.#finished.size >= this.#choices && this.#finished.size === this.#begun.size;
  }

  get facts(): AnswerFacts {
    return { hasParts: this.#hasParts, reason: this.#reason, usage: this.#usage };
  }

  push(event: SseEvent): StreamStep {
    const { data } = event;
    if (data === null) {
      const error = fieldErrorOf(event);
      return error === null
        ? { kind: 'comment', bytes: commentBytes(event) }
        : { kind: 'error', bytes: NOTHING, error };
    }
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (data === '') return { kind: 'comment', bytes: NOTHING };
    if (isDone(event)) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    const bytes = wholeEvent(event);
    if (event.event === '' && this.#pattern?.matches(data) === true) return { kind: 'content', bytes };
    const chunk = chunkIn(data);
    const error = errorOf(event, chunk);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error: ofThisApi(error) };
    if (chunk === null) throw new UnreadableAnswerError('an event of the stream is not a JSON object');
    const isChunk = Array.isArray(chunk.choices);
    if (!isChunk && !this.#sawChunks) checkNoOther(chunk);
    this.#sawChunks ||= isChunk;
    this.#sawOthers ||= !isChunk;
    this.#usage = usageOf(chunk.usage) ?? this.#usage;
    const kind = this.#read(asArray(chunk.choices));
    this.#pattern = kind === 'content' && event.event === '' ? JsonPattern.of(data, ['text', 'obfuscation']) : null;
    return { kind, bytes };
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING, otherForm: false };
    const complete = this.#finished.size > 0 && this.#finished.size === this.#begun.size;
    const otherForm = this.#sawOthers && !this.#sawChunks;
    return { complete, bytes: complete ? DONE_EVENT : NOTHING, otherForm };
  }

  terminates(event: SseEvent): boolean {
    return isDone(event);
  }

  #read(choices: readonly unknown[]): StreamStep['kind'] {
    let kind: StreamStep['kind'] = 'metadata';
    for (const value of choices) {
      const choice = asRecord(value);
      if (choice === null) continue;
      this.#begun.add(choice.index);
      const isFinished = isFinishReason(choice.finish_reason);
      if (isFinished) this.#finished.add(choice.index);
      this.#reason ??= reasonOf(choice);
      if (hasText(choice)) {
        this.#hasParts = true;
        kind = 'content';
      } else if (isFinished && kind === 'metadata') kind = 'finish';
    }
    return kind;
  }
}
