/**
 * A stream of Anthropic's as one of chat completion chunks.
 *
 *   message_start                    → the role
 *   content_block_start, _delta      → text, reasoning_content, tool calls (numbered among themselves, from 0)
 *   message_delta with a stop reason → the finish reason
 *   message_stop                     → the usage chunk, if it was asked for, and [DONE]
 *
 * A stream that ends after its stop reason is whole too, and is given what message_stop owes. Pings and events that are not known give nothing to the client.
 */

import { asRecord, asString, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { ChatCompletionChunk, CompletionUsage, FinishReason, ToolCallDelta } from '../../wire/chat-completion.ts';
import { DONE_EVENT, type SseEvent, sseData } from '../../wire/sse.ts';
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
const SILENT_METADATA: StreamStep = { kind: 'metadata', bytes: NOTHING };

/** A tool call in the making. */
interface OpenCall {
  readonly index: number;
  /** What stood in the block's start: the arguments, where no piece of them follows. */
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
  /** By the index of their block. */
  readonly #openCalls = new Map<unknown, OpenCall>();
  /** As message_start gave it, overwritten by what message_delta gives: its counts are cumulative. */
  #counted: JsonRecord | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#model = context.model;
  }

  get usage(): Usage | null {
    return usageOf(this.#counted);
  }

  push(event: SseEvent): StreamStep {
    if (event.data === null || event.data === '') return { kind: 'comment', bytes: NOTHING };
    if (this.#done) return SILENT_METADATA;
    const payload = asRecord(parseJson(event.data));
    if (payload === null) throw new UnreadableAnswerError('an event of the stream is no JSON object');
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
    return error === null ? SILENT_METADATA : { kind: 'error', bytes: NOTHING, error };
  }

  end(): StreamEnd {
    if (this.#done) return { complete: true, bytes: NOTHING };
    return { complete: this.whole, bytes: this.whole ? this.#terminal() : NOTHING };
  }

  terminates({ data }: SseEvent): boolean {
    return data !== null && asRecord(parseJson(data))?.type === 'message_stop';
  }

  get whole(): boolean {
    return this.finishReason !== null;
  }

  #messageStart(message: JsonRecord): StreamStep {
    // A second start would give the role twice; nothing is known to send one.
    if (this.#begun) return SILENT_METADATA;
    this.#begun = true;
    this.#id = asString(message.id) ?? '';
    this.#model = asString(message.model) ?? this.#context.model;
    this.#count(message.usage);
    return this.#step('metadata', { role: 'assistant', content: '', refusal: null });
  }

  #blockStart(block: unknown, start: JsonRecord): StreamStep {
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
        return SILENT_METADATA;
    }
  }

  #blockDelta(block: unknown, delta: JsonRecord): StreamStep {
    switch (delta.type) {
      case 'text_delta':
        return this.#text(delta.text);
      case 'thinking_delta':
        return this.#thinking(delta.thinking);
      case 'input_json_delta': {
        // A block that was not opened as a tool call is one of the provider's own tools.
        const call = this.#openCalls.get(block);
        const piece = asString(delta.partial_json);
        if (call === undefined || piece === null || piece === '') return SILENT_METADATA;
        call.written = true;
        return this.#toolCall({ index: call.index, function: { arguments: piece } });
      }
      default:
        return SILENT_METADATA;
    }
  }

  /** A call without arguments streams none, but its client parses them: `{}` is owed. */
  #blockStop(block: unknown): StreamStep {
    const call = this.#openCalls.get(block);
    this.#openCalls.delete(block);
    if (call === undefined || call.written) return SILENT_METADATA;
    return this.#toolCall({ index: call.index, function: { arguments: JSON.stringify(asRecord(call.input) ?? {}) } });
  }

  #messageDelta(delta: JsonRecord, usage: unknown): StreamStep {
    this.#count(usage);
    const reason = finishReasonOf(delta.stop_reason);
    if (reason === null) return SILENT_METADATA;
    this.finishReason = reason;
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
    return content === '' ? SILENT_METADATA : this.#step('content', { content });
  }

  #thinking(value: unknown): StreamStep {
    const reasoning = asString(value) ?? '';
    return reasoning === '' ? SILENT_METADATA : this.#step('content', { reasoning_content: reasoning });
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
