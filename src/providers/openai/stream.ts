/**
 * Reads a stream of an OpenAI-compatible provider. Each event's bytes are forwarded unchanged; they are parsed only to
 * find the kind of the event. Only things that no client can read are repaired: Gemini's tool calls, a byte order mark,
 * a last event without its blank line, a whole completion in an event. An event with empty data is left out, because the
 * reference client fails on it.
 */

import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { JsonPattern } from '../../wire/json-pattern.ts';
import { splitCompletion } from '../../wire/split-completion.ts';
import { DONE_EVENT, type SseEvent, sseData, wholeEvent } from '../../wire/sse.ts';
import { isEmpty } from '../answer-facts.ts';
import {
  type AnswerContext,
  type StreamEnd,
  type StreamStep,
  type StreamTranslator,
  UnreadableAnswerError,
  type UpstreamError,
  type Usage,
} from '../types.ts';
import { finishReasonOf, hasContent, hasParts, reasonOf, usageOf } from './completion.ts';
import { bare, choiceError, readErrorPayload } from './errors.ts';
import { ToolCallRepair } from './tool-call-repair.ts';

const NOTHING = Buffer.alloc(0);

export class OpenaiStream implements StreamTranslator {
  finishReason: FinishReason | null = null;
  usage: Usage | null = null;
  readonly #repair = new ToolCallRepair();
  /** `index` of each choice that has begun, and of each that has a finish reason. */
  readonly #begun = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #done = false;
  readonly #hasStopSequences: boolean;
  #hasParts = false;
  /** Whether any event was a chunk, and any another object. */
  #sawChunks = false;
  #sawOthers = false;
  #reason: string | null = null;
  /** Of the last event, if it was content and nothing else. */
  #pattern: JsonPattern | null = null;
  readonly #choices: number;
  readonly #includeUsage: boolean;

  constructor(context: Partial<AnswerContext> = {}) {
    this.#hasStopSequences = context.hasStopSequences ?? false;
    this.#choices = context.choices ?? 1;
    this.#includeUsage = context.includeUsage ?? false;
  }

  get whole(): boolean {
    return this.#finished.size >= this.#choices && this.#finished.size === this.#begun.size;
  }

  get empty(): boolean {
    return isEmpty({
      hasParts: this.#hasParts,
      reason: this.#reason,
      outputTokens: this.usage?.output ?? 0,
      hasStopSequences: this.#hasStopSequences,
    });
  }

  push(event: SseEvent): StreamStep {
    if (event.data === null) return fieldError(event) ?? { kind: 'comment', bytes: wholeEvent(event) };
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (event.data.startsWith('[DONE]')) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    if (event.event === '' && this.#pattern?.matches(event.data) === true) {
      return { kind: 'content', bytes: wholeEvent(event) };
    }
    const payload = parseBounded(event.data);
    const chunk = asRecord(Array.isArray(payload) ? payload[0] : payload);
    const error = this.#errorOf(event, chunk);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    if (chunk === null) throw new UnreadableAnswerError('an event of the stream is not a JSON object');
    return this.#step(event, chunk);
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING };
    const complete = this.#finished.size > 0 && this.#finished.size === this.#begun.size;
    if (this.#sawOthers && !this.#sawChunks) return { complete, bytes: NOTHING, otherForm: true };
    return { complete, bytes: complete ? DONE_EVENT : NOTHING };
  }

  terminates({ data }: SseEvent): boolean {
    return data?.startsWith('[DONE]') ?? false;
  }

  #errorOf(event: SseEvent, chunk: JsonRecord | null): UpstreamError | null {
    const error = chunk === null ? null : readErrorPayload(chunk);
    if (error !== null) return error;
    if (event.event === 'error') return bare(null, asString(chunk?.message) ?? event.data ?? '');
    const groq = asString(asRecord(chunk?.x_groq)?.error);
    if (groq !== null) return bare(null, groq);
    return choiceError(asArray(chunk?.choices));
  }

  #step(event: SseEvent, chunk: JsonRecord): StreamStep {
    if (Array.isArray(chunk.choices)) this.#sawChunks = true;
    else this.#takeOther(chunk);
    this.usage = usageOf(chunk.usage) ?? this.usage;
    if (isCompletion(chunk)) return this.#split(chunk);
    let kind: StreamStep['kind'] = 'metadata';
    let repaired = false;
    const choices: unknown[] = [];
    for (const value of asArray(chunk.choices)) {
      const sent = asRecord(value);
      const choice = sent === null ? value : this.#repair.repair(sent);
      choices.push(choice);
      if (sent === null) continue;
      if (choice !== sent) repaired = true;
      kind = this.#readChoice(asRecord(choice) ?? {}, kind);
    }
    this.#pattern = kind === 'content' && !repaired && event.event === '' ? contentPattern(event.data ?? '') : null;
    return { kind, bytes: repaired ? sseData(JSON.stringify({ ...chunk, choices })) : wholeEvent(event) };
  }

  /** Takes a whole completion as the chunks that a client reads; a message whose pieces have come is not repeated. */
  #split(completion: JsonRecord): StreamStep {
    const choices = asArray(completion.choices).map((value) => {
      const { message, ...rest } = asRecord(value) ?? {};
      return this.#hasParts ? rest : { ...rest, message };
    });
    const pieces = splitCompletion({ ...completion, choices }, this.#includeUsage);
    let kind: StreamStep['kind'] = 'metadata';
    for (const piece of pieces) {
      for (const choice of asArray(piece.choices)) kind = this.#readChoice(asRecord(choice) ?? {}, kind);
    }
    this.#pattern = null;
    return { kind, bytes: Buffer.concat(pieces.map((piece) => sseData(JSON.stringify(piece)))) };
  }

  /** Takes an object that is no chunk. What begins a stream of another dialect is waited for no longer. */
  #takeOther({ type }: JsonRecord): void {
    if (!this.#sawChunks && (type === 'message_start' || type === 'response.created')) {
      throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
    }
    this.#sawOthers = true;
  }

  /** Reads one choice of a chunk. Takes the chunk's kind before this choice and returns it after. */
  #readChoice(choice: JsonRecord, kind: StreamStep['kind']): StreamStep['kind'] {
    this.#begun.add(choice.index);
    const reason = finishReasonOf(choice.finish_reason);
    if (reason !== null) {
      this.finishReason = reason;
      this.#finished.add(choice.index);
    }
    this.#reason ??= reasonOf(choice);
    const delta = asRecord(choice.delta) ?? {};
    this.#hasParts ||= hasParts(delta);
    if (hasContent(delta)) return 'content';
    return reason !== null && kind === 'metadata' ? 'finish' : kind;
  }
}

/** Whether it is a whole answer where a piece of one should be. Some send the message so far beside each piece. */
function isCompletion({ choices }: JsonRecord): boolean {
  const first = asRecord(asArray(choices)[0]);
  return first !== null && first.delta === undefined && asRecord(first.message) !== null;
}

/** llama.cpp reports an error in a field of its own, `error: {…}`, others as a text: no event to a client. */
function fieldError({ raw }: SseEvent): StreamStep | null {
  const text = /^error:([^\r\n]*)/m.exec(raw.toString('utf8'))?.[1]?.trim() ?? '';
  if (text === '') return null;
  const record = asRecord(parseBounded(text));
  const error = (record === null ? null : readErrorPayload({ error: record })) ?? bare(null, text);
  return { kind: 'error', bytes: NOTHING, error };
}

/**
 * Makes a pattern for the events that are likely to follow: the same content event with another text (and another
 * padding, which OpenAI adds). Such an event does not change the translator's state. A piece of a tool call would
 * change it, so there is no pattern for one (null).
 */
function contentPattern(data: string): JsonPattern | null {
  if (data.includes('"tool_calls"')) return null;
  return JsonPattern.of(data, ['content', 'reasoning_content', 'reasoning', 'obfuscation']);
}
