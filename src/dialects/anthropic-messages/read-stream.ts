/**
 * Reads an Anthropic stream into the neutral form.
 *
 *   message_start                → start, usage
 *   content_block_start          → open, and the text that it may bring
 *   content_block_delta          → delta, attach
 *   content_block_stop           → the input of a tool that sent none in pieces, close
 *   message_delta                → usage, finish
 *   message_stop                 → close of what is open, end
 *
 * Pings and unknown events say nothing, and so does all that follows the end. Of a stream that breaks the dialect's rules
 * the events are legal all the same: a block that begins where another one is open ends that one, and only the first stop
 * reason counts.
 */
import type { DroppedReasoning } from '../../shared/events.ts';
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { asExactRecord, parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { Attachment, BlockHead, HubEvent } from '../hub.ts';
import type { StreamReader } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { readErrorPayload } from './errors.ts';
import { finishOf, usageOf } from './facts.ts';
import { attachments, headOf, textIn } from './read-block.ts';

const NOTHING: readonly HubEvent[] = [];

/** A block that has begun and not ended. */
interface OpenBlock {
  readonly block: number;
  readonly type: BlockHead['type'];
  /** `input` of a tool call's start: it counts if no piece of it follows. Undefined for other blocks. */
  readonly input: unknown;
  isWritten: boolean;
}

export class MessageReader implements StreamReader {
  #begun = false;
  #finished = false;
  #ended = false;
  #sawOthers = false;
  #blocks = 0;
  /** By the provider's index. */
  readonly #open = new Map<unknown, OpenBlock>();
  /** Usage of message_start, overwritten by message_delta, whose counts are cumulative. */
  #counted: JsonRecord = {};
  /** Whether counts have come that are not told yet. */
  #news = false;
  #reasoningDropped: readonly DroppedReasoning[] | undefined;

  get reasoningDropped(): readonly DroppedReasoning[] | undefined {
    return this.#reasoningDropped;
  }

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push({ data }: SseEvent): readonly HubEvent[] {
    if (this.#ended || data === null || data === '') return NOTHING;
    const payload = asRecord(parsePayload(data));
    if (payload === null) throw unreadableEvent(data);
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
        this.#transformed(payload);
        return this.#messageDelta(asRecord(payload.delta) ?? {}, payload.usage);
      case 'message_stop':
        return this.#messageStop();
    }
    const error = readErrorPayload(payload);
    if (error !== null) throw new UnreadableAnswerError('the provider reported an error', { error });
    // All events of this dialect have a type, a ping too. A chunk is of OpenAI's.
    if (asString(payload.type) === null) this.#sawOthers = true;
    if (!this.#begun && Array.isArray(payload.choices)) {
      throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
    }
    return NOTHING;
  }

  terminates({ data }: SseEvent): boolean {
    return data !== null && asRecord(parseBounded(data))?.type === 'message_stop';
  }

  #messageStart(message: JsonRecord): readonly HubEvent[] {
    // No provider is known to send a second start.
    if (this.#begun) return NOTHING;
    this.#begun = true;
    this.#transformed(message);
    const usage = this.#count(message.usage);
    return [{ type: 'start', id: asString(message.id), model: asString(message.model) }, ...usage];
  }

  /** What the provider has left out of the request is told at the start or at the end, and replaces what was told before. */
  #transformed({ input_transformations: told }: JsonRecord): void {
    const dropped = droppedReasoningIn(told);
    if (dropped.length > 0) this.#reasoningDropped = dropped;
  }

  #blockStart(index: unknown, start: JsonRecord): readonly HubEvent[] {
    const before = this.#blockStop(index);
    const { block, events } = this.#begin(index, start);
    const text = textIn(start);
    if (text !== '') events.push({ type: 'delta', block, text });
    for (const attachment of attachments.of(start)) events.push({ type: 'attach', block, attachment });
    return before.length === 0 ? events : [...before, ...events];
  }

  #begin(index: unknown, start: JsonRecord): { block: number; events: HubEvent[] } {
    if (!this.#begun) throw new UnreadableAnswerError('the stream did not begin with message_start');
    const head = headOf(start);
    const block = this.#blocks;
    this.#blocks += 1;
    const input = head.type === 'call' ? (start.input ?? {}) : undefined;
    this.#open.set(index, { block, type: head.type, input, isWritten: false });
    return { block, events: [{ type: 'open', block, head }] };
  }

  #blockDelta(index: unknown, delta: JsonRecord): readonly HubEvent[] {
    switch (delta.type) {
      case 'text_delta':
        return this.#piece(index, asString(delta.text), 'text');
      case 'thinking_delta':
        return this.#piece(index, asString(delta.thinking), 'reasoning');
      case 'input_json_delta':
        return this.#piece(index, asString(delta.partial_json), 'call');
      case 'signature_delta':
        return this.#attach(index, attachments.of(delta));
      case 'citations_delta':
        return this.#attach(index, [attachments.citation(delta.citation)]);
      default:
        return NOTHING;
    }
  }

  /** Input belongs to a block of a tool or to nothing; a text is one even if its block did not begin, or began as another. */
  #piece(index: unknown, text: string | null, type: 'text' | 'reasoning' | 'call'): readonly HubEvent[] {
    if (text === null || text === '') return NOTHING;
    const open = this.#open.get(index);
    if (open?.type === type) {
      open.isWritten = true;
      return [{ type: 'delta', block: open.block, text }];
    }
    if (type === 'call') return NOTHING;
    const { block, events } = this.#begin(index, { type: type === 'text' ? 'text' : 'thinking' });
    events.push({ type: 'delta', block, text });
    if (open === undefined) return events;
    // The block that is open there goes on after it.
    this.#open.set(index, open);
    return [...events, { type: 'close', block }];
  }

  #attach(index: unknown, attached: readonly Attachment[]): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open === undefined) return NOTHING;
    return attached.map((attachment) => ({ type: 'attach', block: open.block, attachment }));
  }

  /** For a call without input, the provider streams none, but its JSON is at least `{}`. */
  #blockStop(index: unknown): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open === undefined) return NOTHING;
    this.#open.delete(index);
    const { block, input, isWritten } = open;
    const close = { type: 'close', block } as const;
    if (input === undefined || isWritten) return [close];
    return [{ type: 'delta', block, text: JSON.stringify(asExactRecord(input) ?? {}) }, close];
  }

  #messageDelta(delta: JsonRecord, usage: unknown): readonly HubEvent[] {
    const counted = this.#count(usage);
    const finish = finishOf(delta.stop_reason, delta.stop_sequence);
    if (finish === null || this.#finished) return counted;
    if (!this.#begun) throw new UnreadableAnswerError('the stream did not begin with message_start');
    this.#finished = true;
    return [...counted, { type: 'finish', finish }];
  }

  /** An answer of nothing has a start too. */
  #messageStop(): readonly HubEvent[] {
    this.#ended = true;
    const start = this.#messageStart({});
    return [...start, ...[...this.#open.keys()].flatMap((index) => this.#blockStop(index)), { type: 'end' }];
  }

  /** Counts that come before the start are told with it. */
  #count(value: unknown): readonly HubEvent[] {
    const given = Object.entries(asRecord(value) ?? {}).filter(([, count]) => count !== null);
    this.#counted = { ...this.#counted, ...Object.fromEntries(given) };
    this.#news ||= given.length > 0;
    const usage = this.#begun && this.#news ? usageOf(this.#counted) : null;
    if (usage === null) return NOTHING;
    this.#news = false;
    return [{ type: 'usage', usage }];
  }
}
