/**
 * A stream of an OpenAI-compatible provider: each event's bytes go on as they came, parsed once on the side to learn
 * what it is. Only what no client could read is changed: Gemini's tool calls, a byte order mark, a last event without
 * its blank line. An event with empty data is left out, since the reference client fails on it.
 */

import { asArray, asRecord, asString, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { FinishReason } from '../../wire/chat-completion.ts';
import { JsonPattern } from '../../wire/json-pattern.ts';
import { DONE_EVENT, type SseEvent, sseData, wholeEvent } from '../../wire/sse.ts';
import {
  type StreamEnd,
  type StreamStep,
  type StreamTranslator,
  UnreadableAnswerError,
  type UpstreamError,
  type Usage,
} from '../types.ts';
import { finishReasonOf, hasContent, usageOf } from './completion.ts';
import { bare, readErrorPayload } from './errors.ts';
import { ToolCallRepair } from './tool-call-repair.ts';

const NOTHING = Buffer.alloc(0);

export class OpenaiStream implements StreamTranslator {
  finishReason: FinishReason | null = null;
  usage: Usage | null = null;
  readonly #repair = new ToolCallRepair();
  /** Indices of the choices that have begun, and of those that have a finish reason. */
  readonly #begun = new Set<unknown>();
  readonly #finished = new Set<unknown>();
  #done = false;
  /** Of the last event, if it was content and nothing else. */
  #pattern: JsonPattern | null = null;
  readonly #choices: number;

  /** @param choices how many answers were asked for */
  constructor(choices = 1) {
    this.#choices = choices;
  }

  get whole(): boolean {
    return this.#finished.size >= this.#choices && this.#finished.size === this.#begun.size;
  }

  push(event: SseEvent): StreamStep {
    if (event.data === null) return { kind: 'comment', bytes: wholeEvent(event) };
    if (this.#done) return { kind: 'metadata', bytes: NOTHING };
    if (event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (event.data.startsWith('[DONE]')) {
      this.#done = true;
      return { kind: 'terminal', bytes: DONE_EVENT };
    }
    if (event.event === '' && this.#pattern?.matches(event.data) === true) {
      return { kind: 'content', bytes: wholeEvent(event) };
    }
    const payload = parseJson(event.data);
    const chunk = asRecord(Array.isArray(payload) ? payload[0] : payload);
    const error = this.#errorOf(event, chunk);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    if (chunk === null) throw new UnreadableAnswerError('an event of the stream is no JSON object');
    return this.#step(event, chunk);
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING };
    const complete = this.#finished.size > 0 && this.#finished.size === this.#begun.size;
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
    for (const choice of asArray(chunk?.choices).map(asRecord)) {
      if (choice?.finish_reason !== 'error') continue;
      return readErrorPayload(choice) ?? bare(null, 'the provider broke the answer off');
    }
    return null;
  }

  #step(event: SseEvent, chunk: JsonRecord): StreamStep {
    this.usage = usageOf(chunk.usage) ?? this.usage;
    let kind: StreamStep['kind'] = 'metadata';
    let repaired = false;
    const choices: unknown[] = [];
    for (const value of asArray(chunk.choices)) {
      const sent = asRecord(value);
      const choice = sent === null ? value : this.#repair.repair(sent);
      choices.push(choice);
      if (sent === null) continue;
      if (choice !== sent) repaired = true;
      kind = this.#look(asRecord(choice) ?? {}, kind);
    }
    this.#pattern = kind === 'content' && !repaired && event.event === '' ? contentPattern(event.data ?? '') : null;
    return { kind, bytes: repaired ? sseData(JSON.stringify({ ...chunk, choices })) : wholeEvent(event) };
  }

  /** What a choice makes of its chunk, which was `kind` so far. */
  #look(choice: JsonRecord, kind: StreamStep['kind']): StreamStep['kind'] {
    this.#begun.add(choice.index);
    const reason = finishReasonOf(choice.finish_reason);
    if (reason !== null) {
      this.finishReason = reason;
      this.#finished.add(choice.index);
    }
    if (hasContent(asRecord(choice.delta) ?? {})) return 'content';
    return reason !== null && kind === 'metadata' ? 'finish' : kind;
  }
}

/**
 * What the events after this one are likely to be but for their text (and for the padding that OpenAI adds): content
 * like it, which leaves everything that is known of the stream as it is. A tool call's piece does not, nor a finish.
 */
function contentPattern(data: string): JsonPattern | null {
  if (data.includes('"tool_calls"')) return null;
  return JsonPattern.of(data, ['content', 'reasoning_content', 'reasoning', 'obfuscation']);
}
