/**
 * Translates an Anthropic stream to chat completion chunks.
 *
 *   message_start                    → the role
 *   content_block_start, _delta      → text, reasoning_content, tool calls (with an index of their own, from 0)
 *   message_delta with a stop reason → the finish reason
 *   message_stop                     → the usage chunk, if requested, and [DONE]
 *
 * A stream that ends after its stop reason is complete too, and gets what message_stop would have brought. The client
 * gets nothing for pings and unknown events.
 */

import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import type { ChatCompletionChunk, CompletionUsage, FinishReason, ToolCallDelta } from '../../wire/chat-completion.ts';
import { DONE_EVENT, type SseEvent, sseData } from '../../wire/sse.ts';
import { isEmpty } from '../answer-facts.ts';
import {
  type AnswerContext,
  type StreamEnd,
  type StreamStep,
  type StreamTranslator,
  UnreadableAnswerError,
  type Usage,
} from '../types.ts';
import { completionUsage, finishReasonOf, usageOf } from './completion.ts';
import { readErrorPayload } from './errors.ts';

type Delta = ChatCompletionChunk['choices'][number]['delta'];

const NOTHING = Buffer.alloc(0);
const EMPTY_METADATA: StreamStep = { kind: 'metadata', bytes: NOTHING };

/** A tool call whose block has not ended. */
interface OpenCall {
  readonly index: number;
  /** `input` of the block's start; the arguments if no piece of them follows. */
  readonly input: unknown;
  written: boolean;
}

export class AnthropicStream implements StreamTranslator {
  finishReason: FinishReason | null = null;
  readonly #context: AnswerContext;
  #id = '';
  #model: string;
  #begun = false;
  #done = false;
  #toolCalls = 0;
  #hasParts = false;
  #sawOthers = false;
  #reason: string | null = null;
  /** By the index of their block. */
  readonly #openCalls = new Map<unknown, OpenCall>();
  /** Usage from message_start, overwritten by message_delta, whose counts are cumulative. */
  #counted: JsonRecord | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#model = context.model;
  }

  get empty(): boolean {
    return isEmpty({
      hasParts: this.#hasParts,
      reason: this.#reason,
      outputTokens: this.usage?.output ?? 0,
      hasStopSequences: this.#context.hasStopSequences ?? false,
    });
  }

  get usage(): Usage | null {
    return usageOf(this.#counted);
  }

  push(event: SseEvent): StreamStep {
    if (event.data === null || event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (this.#done) return EMPTY_METADATA;
    const payload = asRecord(parseBounded(event.data));
    if (payload === null) throw new UnreadableAnswerError('an event of the stream is not a JSON object');
    switch (payload.type) {
      case 'message_start':
        return this.#messageStart(asRecord(payload.message) ?? {});
      case 'content_block_start':
        return this.#blockStart(payload.index, asRecord(payload.content_block) ?? {});
      case 'content_block_delta':
        return this.#blockDelta(payload.index, asRecord(payload.delta) ?? {});
      case 'content_block_stop':
        return this.#blockStop(payload.index);
      case 'message_delta':
        return this.#messageDelta(asRecord(payload.delta) ?? {}, payload.usage);
      case 'message_stop':
        return this.#messageStop();
    }
    const error = readErrorPayload(payload);
    if (error !== null) return { kind: 'error', bytes: NOTHING, error };
    // All events of this dialect have a type, a ping too. A chunk is of OpenAI's.
    if (asString(payload.type) === null) this.#sawOthers = true;
    if (!this.#begun && Array.isArray(payload.choices)) {
      throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
    }
    return EMPTY_METADATA;
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING };
    if (this.#sawOthers && !this.#begun) return { complete: false, bytes: NOTHING, otherForm: true };
    return { complete: this.whole, bytes: this.whole ? this.#terminal() : NOTHING };
  }

  terminates({ data }: SseEvent): boolean {
    return data !== null && asRecord(parseBounded(data))?.type === 'message_stop';
  }

  get whole(): boolean {
    return this.finishReason !== null;
  }

  #messageStart(message: JsonRecord): StreamStep {
    // A second start would send the role twice. No provider is known to send one.
    if (this.#begun) return EMPTY_METADATA;
    this.#begun = true;
    this.#id = asString(message.id) ?? '';
    this.#model = asString(message.model) ?? this.#context.model;
    this.#count(message.usage);
    return this.#step('metadata', { role: 'assistant', content: '', refusal: null });
  }

  #blockStart(block: unknown, start: JsonRecord): StreamStep {
    // A text block counts with its first character.
    if (start.type !== 'text') this.#hasParts = true;
    switch (start.type) {
      case 'text':
        return this.#text(start.text);
      case 'thinking':
        return this.#thinking(start.thinking);
      case 'tool_use': {
        const call = { index: this.#toolCalls, input: start.input, written: false };
        this.#toolCalls += 1;
        this.#openCalls.set(block, call);
        const called = { name: asString(start.name) ?? '', arguments: '' };
        return this.#toolCall({ index: call.index, id: asString(start.id) ?? '', type: 'function', function: called });
      }
      default:
        return EMPTY_METADATA;
    }
  }

  #blockDelta(block: unknown, delta: JsonRecord): StreamStep {
    switch (delta.type) {
      case 'text_delta':
        return this.#text(delta.text);
      case 'thinking_delta':
        return this.#thinking(delta.thinking);
      case 'input_json_delta': {
        // A block that did not start as a tool call belongs to one of the provider's own tools.
        const call = this.#openCalls.get(block);
        const piece = asString(delta.partial_json);
        if (call === undefined || piece === null || piece === '') return EMPTY_METADATA;
        call.written = true;
        return this.#toolCall({ index: call.index, function: { arguments: piece } });
      }
      default:
        return EMPTY_METADATA;
    }
  }

  /** For a call without arguments, the provider streams none, but the client parses them: it needs at least `{}`. */
  #blockStop(block: unknown): StreamStep {
    const call = this.#openCalls.get(block);
    this.#openCalls.delete(block);
    if (call === undefined || call.written) return EMPTY_METADATA;
    return this.#toolCall({ index: call.index, function: { arguments: JSON.stringify(asRecord(call.input) ?? {}) } });
  }

  #messageDelta(delta: JsonRecord, usage: unknown): StreamStep {
    this.#count(usage);
    const reason = finishReasonOf(delta.stop_reason);
    if (reason === null) return EMPTY_METADATA;
    this.finishReason = reason;
    this.#reason = asString(delta.stop_reason);
    return this.#step('finish', {}, reason);
  }

  #messageStop(): StreamStep {
    this.#done = true;
    return { kind: 'terminal', bytes: this.#terminal() };
  }

  #terminal(): Buffer {
    if (!this.#context.includeUsage) return DONE_EVENT;
    return Buffer.concat([this.#chunk([], completionUsage(this.usage)), DONE_EVENT]);
  }

  #count(usage: unknown): void {
    const given = Object.entries(asRecord(usage) ?? {}).filter(([, count]) => count !== null);
    if (given.length > 0) this.#counted = { ...this.#counted, ...Object.fromEntries(given) };
  }

  #text(value: unknown): StreamStep {
    const content = asString(value) ?? '';
    if (content === '') return EMPTY_METADATA;
    this.#hasParts = true;
    return this.#step('content', { content });
  }

  #thinking(value: unknown): StreamStep {
    const reasoning = asString(value) ?? '';
    return reasoning === '' ? EMPTY_METADATA : this.#step('content', { reasoning_content: reasoning });
  }

  #toolCall(delta: ToolCallDelta): StreamStep {
    return this.#step('content', { tool_calls: [delta] });
  }

  #step(kind: StreamStep['kind'], delta: Delta, finishReason: FinishReason | null = null): StreamStep {
    if (!this.#begun) throw new UnreadableAnswerError('the stream did not begin with message_start');
    return { kind, bytes: this.#chunk([{ index: 0, delta, logprobs: null, finish_reason: finishReason }], null) };
  }

  #chunk(choices: ChatCompletionChunk['choices'], usage: CompletionUsage | null): Buffer {
    const chunk: ChatCompletionChunk = {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: this.#context.createdAt,
      model: this.#model,
      choices,
      ...(this.#context.includeUsage ? { usage } : {}),
    };
    return sseData(JSON.stringify(chunk));
  }
}
