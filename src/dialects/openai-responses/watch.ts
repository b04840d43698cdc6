/**
 * Reads a stream that goes back as it is. Each event's bytes are forwarded unchanged; they are parsed only to know what the
 * event is. What is no event of this dialect is left out: an event with empty data, and the `[DONE]` that some servers add.
 *
 * Its last event repeats the whole answer, so it is never small enough to be looked for before its blank line.
 *
 * A tool that the provider runs counts as content from its beginning: it may have done something that must not be done
 * twice.
 */
import type { DroppedReasoning } from '../../shared/events.ts';
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { commentBytes, type SseEvent, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import { outerValuesIn, unreadableEvent } from '../event-payload.ts';
import type { Usage } from '../hub.ts';
import { type Said, SaidSoFar } from '../said.ts';
import type { AnswerContext, AnswerStream, StreamEnd, StreamStep, ToldAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorOf } from './errors.ts';
import { isLast, isSignOfLife, typeOf } from './event.ts';
import { hasParts, reasonOf, usageOf } from './facts.ts';
import { frameOf, type ResponseFrame, responseOf } from './response.ts';

const NOTHING = Buffer.alloc(0);
const SILENCE: StreamStep = { kind: 'comment', bytes: NOTHING };

class ResponseStream implements AnswerStream {
  readonly heldBytes = 0;
  #frame: ResponseFrame;
  #nextEvent = 0;
  #hasParts = false;
  #reason: string | null = null;
  #usage: Usage | null = null;
  readonly #said = new SaidSoFar();
  #reasoningDropped: readonly DroppedReasoning[] = [];
  #done = false;
  /** Whether any event was of this dialect, and any another object. */
  #sawOwn = false;
  #sawOthers = false;

  constructor(context: AnswerContext) {
    this.#frame = frameOf(context, null);
  }

  get whole(): boolean {
    return this.#done;
  }

  get facts(): AnswerFacts {
    const facts = { hasParts: this.#hasParts, reason: this.#reason, usage: this.#usage };
    return this.#reasoningDropped.length === 0 ? facts : { ...facts, reasoningDropped: this.#reasoningDropped };
  }

  get said(): Said {
    return this.#said.said;
  }

  /** Its items are not kept: clients have them. */
  get soFar(): ToldAnswer {
    const answer = responseOf(this.#frame, { status: 'in_progress', output: [], usage: null });
    return { answer, nextEvent: this.#nextEvent };
  }

  push(event: SseEvent): StreamStep {
    const { data } = event;
    if (data === null) return { kind: 'comment', bytes: commentBytes(event) };
    if (data === '' || data.startsWith('[DONE]')) return SILENCE;
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    const payload = outerValuesIn(data);
    if (payload === null) throw unreadableEvent(data);
    const type = typeOf(event, payload);
    this.#look(type, payload);
    const error = errorOf(type, payload);
    // It is not passed on: the end of our own takes its number.
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    const number = payload.sequence_number;
    this.#nextEvent = typeof number === 'number' ? asCount(number) + 1 : this.#nextEvent + 1;
    const bytes = wholeEvent(event);
    return isSignOfLife(type)
      ? { kind: 'metadata', bytes, isPing: true }
      : { kind: this.#kindOf(type, payload), bytes };
  }

  end(): StreamEnd {
    return { complete: this.#done, bytes: NOTHING, otherForm: this.#sawOthers && !this.#sawOwn };
  }

  /** Takes what may be needed for an end of our own, and the facts of a response. */
  #look(type: string, payload: JsonRecord): void {
    if (type.startsWith('response.')) this.#sawOwn = true;
    if (type.endsWith('.delta')) this.#said.addText(type.includes('reasoning') ? 'reasoning' : 'text', payload.delta);
    else this.#sawOthers ||= type === '';
    if (!this.#sawOwn && (Array.isArray(payload.choices) || type === 'message_start')) {
      throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
    }
    const response = asRecord(payload.response);
    if (response === null) return;
    const { id, model, created_at: createdAt } = response;
    this.#frame = {
      ...this.#frame,
      ...(asString(id) === null ? {} : { id: String(id) }),
      ...(asString(model) === null ? {} : { model: String(model) }),
      ...(typeof createdAt === 'number' ? { createdAt } : {}),
    };
    this.#said.named(model);
    const usage = usageOf(response);
    if (usage !== null) this.#said.counted();
    this.#usage = usage ?? this.#usage;
    if (!isLast(type)) return;
    this.#done = true;
    this.#reason = reasonOf(response) ?? 'stop';
    this.#reasoningDropped = droppedReasoningIn(response.input_transformations);
    this.#hasParts ||= asArray(response.output).some(hasParts);
  }

  #kindOf(type: string, payload: JsonRecord): StreamStep['kind'] {
    if (isLast(type)) return 'terminal';
    if (!isContent(type, payload)) return 'metadata';
    this.#hasParts = true;
    return 'content';
  }
}

/** The stream of one answer. */
export function watch(context: AnswerContext): AnswerStream {
  return new ResponseStream(context);
}

function isContent(type: string, { delta, item: value }: JsonRecord): boolean {
  if (type.endsWith('.delta')) return delta !== '';
  if (type !== 'response.output_item.added' && type !== 'response.output_item.done') return false;
  const item = asRecord(value);
  if (item?.type === 'reasoning') return type === 'response.output_item.done' && asArray(item.summary).length > 0;
  return item !== null && hasParts(item);
}
