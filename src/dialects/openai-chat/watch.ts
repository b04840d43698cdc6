/**
 * Reads a stream that goes back as it is. Each event's bytes are forwarded unchanged; they are parsed only to find the
 * kind of the event. Only things that no client can read are repaired: Gemini's tool calls, calls without an id, a byte
 * order mark, a last event without its blank line, a whole completion in an event. An event with empty data is left out,
 * because the reference client fails on it.
 */

import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { JsonPattern } from '../../wire/json-pattern.ts';
import { commentBytes, DONE_EVENT, type SseEvent, sseData, wholeEvent } from '../../wire/sse.ts';
import type { AnswerFacts } from '../answer-facts.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { Usage } from '../hub.ts';
import { answerName } from '../made-call-id.ts';
import { type Said, SaidSoFar } from '../said.ts';
import type { AnswerContext, AnswerStream, StreamEnd, StreamStep } from '../types.ts';
import { ChoiceTally } from './choice-tally.ts';
import { chunkIn, errorOf, fieldErrorOf, isCompletion, isDone, piecesOf } from './chunk.ts';
import { hasContent, hasParts, usageOf } from './facts.ts';
import { ToolCallRepair } from './tool-call-repair.ts';
import { bringsUsageAlone } from './usage-wish.ts';

const NOTHING = Buffer.alloc(0);

export class ChatStream implements AnswerStream {
  readonly heldBytes = 0;
  #usage: Usage | null = null;
  readonly #repair = new ToolCallRepair();
  readonly #tally: ChoiceTally;
  #done = false;
  #hasParts = false;
  /** Of the last event, if it was content and nothing else. */
  #pattern: JsonPattern | null = null;
  /** What its content is. */
  #patternKind: 'text' | 'reasoning' = 'text';
  readonly #said = new SaidSoFar();
  readonly #includeUsage: boolean;
  readonly #hidesUsage: boolean;

  constructor(context: Pick<AnswerContext, 'choices' | 'includeUsage' | 'hidesUsage'>) {
    const { choices, includeUsage, hidesUsage = false } = context;
    this.#tally = new ChoiceTally(choices);
    this.#includeUsage = includeUsage;
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
    if (event.data === null) {
      const error = fieldErrorOf(event);
      return error === null
        ? { kind: 'comment', bytes: commentBytes(event) }
        : { kind: 'error', bytes: NOTHING, error };
    }
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (isDone(event)) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    if (this.#pattern !== null && event.event === '') {
      const bytes = this.#pattern.measure(event.data);
      if (bytes >= 0) {
        this.#said.add(this.#patternKind, bytes);
        return { kind: 'content', bytes: wholeEvent(event) };
      }
    }
    const chunk = chunkIn(event.data);
    const usage = chunk === null ? null : usageOf(chunk);
    this.#usage = usage ?? this.#usage;
    const error = errorOf(event, chunk);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    if (chunk === null) throw unreadableEvent(event.data);
    const step = this.#step(event, chunk);
    // Some servers count in each chunk: what stands in one is counted in it.
    if (usage !== null) this.#said.counted();
    return step;
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING, otherForm: false };
    const { complete, isOtherForm } = this.#tally;
    if (isOtherForm) return { complete, bytes: NOTHING, otherForm: true };
    return { complete, bytes: complete ? DONE_EVENT : NOTHING, otherForm: false };
  }

  terminates(event: SseEvent): boolean {
    return isDone(event);
  }

  #step(event: SseEvent, chunk: JsonRecord): StreamStep {
    this.#tally.takeEvent(chunk);
    this.#said.named(chunk.model);
    if (isCompletion(chunk)) return this.#split(chunk);
    if (this.#hidesUsage && bringsUsageAlone(chunk)) return { kind: 'metadata', bytes: NOTHING };
    let kind: StreamStep['kind'] = 'metadata';
    let repaired = false;
    const choices: unknown[] = [];
    for (const value of asArray(chunk.choices)) {
      const sent = asRecord(value);
      const choice = sent === null ? value : this.#repair.repair(sent, answerName(chunk));
      choices.push(choice);
      if (sent === null) continue;
      if (choice !== sent) repaired = true;
      kind = this.#readChoice(asRecord(choice) ?? {}, kind);
    }
    this.#pattern = kind === 'content' && !repaired && event.event === '' ? contentPattern(event.data ?? '') : null;
    this.#patternKind = this.#said.last;
    return { kind, bytes: repaired ? sseData(JSON.stringify({ ...chunk, choices })) : wholeEvent(event) };
  }

  /** Takes a whole completion as the chunks that a client reads; a message whose pieces have come is not repeated. */
  #split(completion: JsonRecord): StreamStep {
    const pieces = piecesOf(completion, this.#hasParts, this.#includeUsage);
    let kind: StreamStep['kind'] = 'metadata';
    for (const piece of pieces) {
      for (const choice of asArray(piece.choices)) kind = this.#readChoice(asRecord(choice) ?? {}, kind);
    }
    this.#pattern = null;
    return { kind, bytes: Buffer.concat(pieces.map((piece) => sseData(JSON.stringify(piece)))) };
  }

  /** Reads one choice of a chunk. Takes the chunk's kind before this choice and returns it after. */
  #readChoice(choice: JsonRecord, kind: StreamStep['kind']): StreamStep['kind'] {
    const isFinished = this.#tally.takeChoice(choice);
    const delta = asRecord(choice.delta) ?? {};
    this.#hasParts ||= hasParts(delta);
    this.#said.addMessage(delta);
    if (hasContent(delta)) return 'content';
    return isFinished && kind === 'metadata' ? 'finish' : kind;
  }
}

/**
 * Makes a pattern for the events that are likely to follow: the same content event with another text (and another
 * padding, which OpenAI adds). Such an event does not change what is known of the stream. A piece of a tool call
 * would change it, so there is no pattern for one (null).
 */
function contentPattern(data: string): JsonPattern | null {
  if (data.includes('"tool_calls"')) return null;
  // vLLM sends a thought under both of its names.
  const isTwice = /"reasoning_content": ?"[^"]/.test(data);
  const [name, other] = isTwice ? ['reasoning_content', 'reasoning'] : ['reasoning', 'reasoning_content'];
  return JsonPattern.of(data, ['content', name], [other, 'obfuscation']);
}
