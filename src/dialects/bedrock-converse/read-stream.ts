/**
 * Reads the events of `ConverseStream` into the neutral form:
 *
 *   the first event       → start
 *   contentBlockStart     → open
 *   contentBlockDelta     → open where no start came (all but tools), delta, attach
 *   contentBlockStop      → the input of a tool that sent none in pieces, close
 *   messageStop           → close, finish
 *   metadata              → usage
 *
 * `metadata` comes after `messageStop`, and from some models before it: whichever is the second is the end.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { Attachment, BlockHead, HubEvent } from '../hub.ts';
import type { StreamReader } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorNamed, isErrorName } from './errors.ts';
import { callHead, citation, finishOf, foreignHead, proofs, reasoningHead, usageOf } from './facts.ts';

const NOTHING: readonly HubEvent[] = [];

/** A block that has begun and not ended. */
interface OpenBlock {
  readonly block: number;
  readonly type: BlockHead['type'];
  isWritten: boolean;
}

/** Reads one stream. */
export class ConverseReader implements StreamReader {
  #begun = false;
  #sawOthers = false;
  #blocks = 0;
  /** By the provider's index. */
  readonly #open = new Map<unknown, OpenBlock>();
  #isStopped = false;
  #isCounted = false;

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push({ event, data, isError = false }: SseEvent): readonly HubEvent[] {
    if ((this.#isStopped && this.#isCounted) || data === null || (data === '' && !isError)) return NOTHING;
    const payload = asRecord(parsePayload(data));
    if (isError || isErrorName(event)) {
      throw new UnreadableAnswerError('the provider reported an error', { error: errorNamed(event, payload ?? {}) });
    }
    if (payload === null) throw unreadableEvent(data);
    const events = this.#read(event, payload);
    if (events === null) {
      this.#sawOthers ||= event === '';
      return NOTHING;
    }
    if (this.#begun) return events;
    this.#begun = true;
    // Not every model sends messageStart.
    return [{ type: 'start', id: null, model: null }, ...events];
  }

  /** A frame is whole or it is not there. */
  terminates(): boolean {
    return false;
  }

  /** Null for an event that this dialect does not have. */
  #read(type: string, payload: JsonRecord): readonly HubEvent[] | null {
    switch (type) {
      case 'messageStart':
        return NOTHING;
      case 'contentBlockStart':
        return this.#blockStart(payload.contentBlockIndex, asRecord(payload.start) ?? {});
      case 'contentBlockDelta':
        return this.#blockDelta(payload.contentBlockIndex, asRecord(payload.delta) ?? {});
      case 'contentBlockStop':
        return this.#blockStop(payload.contentBlockIndex);
      case 'messageStop':
        return this.#messageStop(payload);
      case 'metadata':
        return this.#metadata(payload);
      default:
        return null;
    }
  }

  #blockStart(index: unknown, start: JsonRecord): readonly HubEvent[] {
    const tool = asRecord(start.toolUse);
    if (tool !== null) return this.#begin(index, callHead(tool)).events;
    // An empty start says nothing: what the block is stands in its first piece.
    return Object.keys(start).length === 0 ? NOTHING : this.#begin(index, foreignHead(start)).events;
  }

  #blockDelta(index: unknown, delta: JsonRecord): readonly HubEvent[] {
    const text = asString(delta.text);
    if (text !== null) return this.#piece(index, { type: 'text' }, text);
    const tool = asRecord(delta.toolUse);
    if (tool !== null) return this.#toolPiece(index, asString(tool.input) ?? '');
    const reasoning = asRecord(delta.reasoningContent);
    if (reasoning !== null) return this.#reasoningPiece(index, asString(reasoning.text) ?? '', proofs(reasoning));
    if (delta.citation !== undefined) return this.#piece(index, { type: 'text' }, '', [citation(delta.citation)]);
    return this.#foreignPiece(index, delta);
  }

  /** Input without the start that names the tool belongs to nothing. */
  #toolPiece(index: unknown, text: string): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open?.type !== 'call' || text === '') return NOTHING;
    open.isWritten = true;
    return [{ type: 'delta', block: open.block, text }];
  }

  #reasoningPiece(index: unknown, text: string, attached: readonly Attachment[]): readonly HubEvent[] {
    if (text === '' && attached.length === 0) return NOTHING;
    return this.#piece(index, reasoningHead(text !== ''), text, attached);
  }

  /** A piece of a block that is not known is kept as a block of its own, since nobody here can join them. */
  #foreignPiece(index: unknown, delta: JsonRecord): readonly HubEvent[] {
    if (Object.keys(delta).length === 0) return NOTHING;
    return this.#begin(index, foreignHead(delta)).events;
  }

  /** @param head what the block is, if it has not begun; a block of another kind at this index has ended */
  #piece(index: unknown, head: BlockHead, text: string, attached: readonly Attachment[] = []): readonly HubEvent[] {
    const open = this.#open.get(index);
    const isSame = open?.type === head.type;
    const { block, events } = isSame ? { block: open.block, events: [] } : this.#begin(index, head);
    if (text !== '') events.push({ type: 'delta', block, text });
    for (const attachment of attached) events.push({ type: 'attach', block, attachment });
    return events;
  }

  #begin(index: unknown, head: BlockHead): { readonly block: number; readonly events: HubEvent[] } {
    const before = this.#blockStop(index);
    const block = this.#blocks;
    this.#blocks += 1;
    this.#open.set(index, { block, type: head.type, isWritten: false });
    return { block, events: [...before, { type: 'open', block, head }] };
  }

  /** For a call without input the provider streams none, but its JSON is at least `{}`. */
  #blockStop(index: unknown): readonly HubEvent[] {
    const open = this.#open.get(index);
    if (open === undefined) return NOTHING;
    this.#open.delete(index);
    const { block, type, isWritten } = open;
    const close = { type: 'close', block } as const;
    return type === 'call' && !isWritten ? [{ type: 'delta', block, text: '{}' }, close] : [close];
  }

  #messageStop(payload: JsonRecord): readonly HubEvent[] {
    const finish = finishOf(payload);
    if (finish === null || this.#isStopped) return NOTHING;
    this.#isStopped = true;
    return [...this.#closeAll(), { type: 'finish', finish }, ...this.#end()];
  }

  #metadata(payload: JsonRecord): readonly HubEvent[] {
    const counted = usageOf(payload);
    this.#isCounted = true;
    return [...(counted === null ? [] : [{ type: 'usage', usage: counted } as const]), ...this.#end()];
  }

  #end(): readonly HubEvent[] {
    return this.#isStopped && this.#isCounted ? [...this.#closeAll(), { type: 'end' }] : NOTHING;
  }

  #closeAll(): readonly HubEvent[] {
    return [...this.#open.keys()].flatMap((index) => this.#blockStop(index));
  }
}
