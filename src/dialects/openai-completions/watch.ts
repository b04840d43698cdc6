/**
 * Reads a stream of completions that goes back as it is. Each event's bytes are forwarded unchanged; only a byte order
 * mark, an event with empty data and an end without its terminal are repaired, as in a chat's stream.
 */
import { asArray, asRecord } from '../../shared/json.ts';
import { JsonPattern } from '../../wire/json-pattern.ts';
import { commentBytes, DONE_EVENT, type SseEvent, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { ofThisApi } from '../api-error.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { Usage } from '../hub.ts';
import { ChoiceTally } from '../openai-chat/choice-tally.ts';
import { chunkIn, errorOf, fieldErrorOf, isDone } from '../openai-chat/chunk.ts';
import { usageOf } from '../openai-chat/facts.ts';
import { bringsUsageAlone } from '../openai-chat/usage-wish.ts';
import { type Said, SaidSoFar } from '../said.ts';
import type { AnswerContext, AnswerStream, StreamEnd, StreamStep } from '../types.ts';
import { hasText } from './facts.ts';

const NOTHING = Buffer.alloc(0);

export class CompletionStream implements AnswerStream {
  readonly heldBytes = 0;
  readonly #tally: ChoiceTally;
  readonly #hidesUsage: boolean;
  #done = false;
  #hasParts = false;
  #usage: Usage | null = null;
  /** Of the last event, if it was text and nothing else. */
  #pattern: JsonPattern | null = null;
  readonly #said = new SaidSoFar();

  constructor({ choices, hidesUsage = false }: Pick<AnswerContext, 'choices' | 'hidesUsage'>) {
    this.#tally = new ChoiceTally(choices);
    this.#hidesUsage = hidesUsage;
  }

  get whole(): boolean {
    return this.#tally.whole;
  }

  get facts(): AnswerFacts {
    return { hasParts: this.#hasParts, reason: this.#tally.reason, usage: this.#usage };
  }

  get said(): Said {
    return this.#said.said;
  }

  push(event: SseEvent): StreamStep {
    const { data } = event;
    if (data === null) {
      const error = fieldErrorOf(event);
      return error === null
        ? { kind: 'comment', bytes: commentBytes(event) }
        : { kind: 'error', bytes: NOTHING, error: ofThisApi(error) };
    }
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (data === '') return { kind: 'comment', bytes: NOTHING };
    if (isDone(event)) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    const bytes = wholeEvent(event);
    if (this.#pattern !== null && event.event === '') {
      const length = this.#pattern.measure(data);
      this.#said.add('text', Math.max(0, length));
      if (length >= 0) return { kind: 'content', bytes };
    }
    const chunk = chunkIn(data);
    const usage = chunk === null ? null : usageOf(chunk);
    this.#usage = usage ?? this.#usage;
    const error = errorOf(event, chunk);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error: ofThisApi(error) };
    if (chunk === null) throw unreadableEvent(data);
    this.#tally.takeEvent(chunk);
    this.#said.named(chunk.model);
    if (this.#hidesUsage && bringsUsageAlone(chunk)) return { kind: 'metadata', bytes: NOTHING };
    const kind = this.#read(asArray(chunk.choices));
    if (usage !== null) this.#said.counted();
    this.#pattern = kind === 'content' && event.event === '' ? JsonPattern.of(data, ['text'], ['obfuscation']) : null;
    return { kind, bytes };
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING, otherForm: false };
    const { complete, isOtherForm: otherForm } = this.#tally;
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
      const isFinished = this.#tally.takeChoice(choice);
      if (hasText(choice)) {
        this.#hasParts = true;
        this.#said.addText('text', choice.text);
        kind = 'content';
      } else if (isFinished && kind === 'metadata') kind = 'finish';
    }
    return kind;
  }
}
