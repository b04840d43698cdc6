/**
 * Reads the stream of a stored response: its events once more, as they came when it was made. Their bytes stay unchanged. A
 * response that failed is an answer here, since that is what is stored.
 */
import { type SseEvent, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { outerValuesIn, unreadableEvent } from '../event-payload.ts';
import { errorOf } from '../openai-responses/errors.ts';
import { isSignOfLife, typeOf } from '../openai-responses/event.ts';
import type { AnswerStream, StreamEnd, StreamStep } from '../types.ts';

const NOTHING = Buffer.alloc(0);

/** What a response ends with, however it went. */
const ends: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);

export class StoredStream implements AnswerStream {
  readonly heldBytes = 0;
  #hasParts = false;
  #done = false;

  get whole(): boolean {
    return this.#done;
  }

  /** Its tokens were counted when it was made. */
  get facts(): AnswerFacts {
    return { hasParts: this.#hasParts, reason: null, usage: null };
  }

  push(event: SseEvent): StreamStep {
    const { data } = event;
    if (data === null) return { kind: 'comment', bytes: wholeEvent(event) };
    if (data === '' || data.startsWith('[DONE]')) return { kind: 'comment', bytes: NOTHING };
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    const payload = outerValuesIn(data);
    if (payload === null) throw unreadableEvent(data);
    const type = typeOf(event, payload);
    this.#done = ends.has(type);
    const error = this.#done ? null : errorOf(type, payload);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    if (isSignOfLife(type)) return { kind: 'metadata', bytes: wholeEvent(event), isPing: true };
    this.#hasParts = true;
    return { kind: this.#done ? 'terminal' : 'content', bytes: wholeEvent(event) };
  }

  end(): StreamEnd {
    return { complete: this.#done, bytes: NOTHING, otherForm: false };
  }
}
