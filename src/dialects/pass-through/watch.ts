/**
 * Reads a stream of typed events that goes back as it is: `image_generation.partial_image`, `transcript.text.delta`,
 * `speech.audio.done`. Its bytes stay unchanged. An event whose type ends in `completed` or `done` ends what it belongs
 * to; there need be no `[DONE]` behind it.
 */
import { asString } from '../../shared/json.ts';
import { commentBytes, DONE_EVENT, type SseEvent, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { ofThisApi } from '../api-error.ts';
import { outerValuesIn, unreadableEvent } from '../event-payload.ts';
import type { Usage } from '../hub.ts';
import { checkNoOther, errorOf, isDone } from '../openai-chat/chunk.ts';
import type { AnswerContext, AnswerStream, StreamEnd, StreamStep } from '../types.ts';
import { tokensOf } from './facts.ts';
import type { PlainApi } from './plain-api.ts';

const NOTHING = Buffer.alloc(0);
const lastOfItsKind = /\.(?:completed|done)$/;

export class TypedEventStream implements AnswerStream {
  readonly heldBytes = 0;
  /** How many ends there will be: one for each answer that was asked for. */
  readonly #choices: number;
  readonly #output: PlainApi['output'];
  #ends = 0;
  #done = false;
  #hasParts = false;
  #usage: Usage | null = null;

  constructor({ choices }: Pick<AnswerContext, 'choices'>, output: PlainApi['output']) {
    this.#choices = choices;
    this.#output = output;
  }

  get whole(): boolean {
    return this.#ends >= this.#choices;
  }

  get facts(): AnswerFacts {
    return { hasParts: this.#hasParts, reason: null, usage: this.#usage };
  }

  push(event: SseEvent): StreamStep {
    if (event.data === null) return { kind: 'comment', bytes: commentBytes(event) };
    if (event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (isDone(event)) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    const payload = outerValuesIn(event.data);
    const error = errorOf(event, payload);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error: ofThisApi(error) };
    if (payload === null) throw unreadableEvent(event.data);
    if (!this.#hasParts) checkNoOther(payload);
    this.#usage = tokensOf(payload, this.#output) ?? this.#usage;
    this.#hasParts = true;
    const isEnd = lastOfItsKind.test(asString(payload.type) ?? event.event);
    if (isEnd) this.#ends += 1;
    return { kind: isEnd ? 'finish' : 'content', bytes: wholeEvent(event) };
  }

  end(): StreamEnd {
    return { complete: this.#done || this.whole, bytes: NOTHING, otherForm: false };
  }

  terminates(event: SseEvent): boolean {
    return isDone(event);
  }
}
