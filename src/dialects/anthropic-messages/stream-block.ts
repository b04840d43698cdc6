/**
 * One block of a streamed answer: what has come of it and is not written yet, and how it is written. It begins with its
 * first piece, so that nothing is written of a text that stays empty, or of a thought that this dialect cannot show.
 */
import { asRecord } from '../../shared/json.ts';
import { parseExact } from '../../wire/exact-json.ts';
import type { AnswerBlock, AnswerDelta, AnswerEvent } from '../../wire/messages.ts';
import type { Attachment, BlockHead } from '../hub.ts';
import { MESSAGES } from './facts.ts';
import { sealed } from './sealed-thought.ts';

/** Counted for what a block is, besides its texts. */
const HEAD_BYTES = 256;

export class StreamBlock {
  readonly head: BlockHead;
  /** No more pieces will come. */
  isClosed = false;
  /** All of it is written, its stop too. */
  isWritten = false;
  #text = '';
  #attached: string[] = [];
  #index: number | null = null;
  #heldBytes: number;

  constructor(head: BlockHead) {
    this.head = head;
    this.#heldBytes = HEAD_BYTES + (head.type === 'foreign' ? (JSON.stringify(head.value) ?? '').length : 0);
  }

  /** What waits here to be written. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether its pieces come one after the other, so that it has ended where another block begins. */
  get endsWithNext(): boolean {
    return this.head.type === 'text' || this.head.type === 'refusal' || this.head.type === 'reasoning';
  }

  add(text: string): void {
    this.#text += text;
    this.#heldBytes += Buffer.byteLength(text);
  }

  /** Takes what this dialect can say of such a block. */
  attach(attachment: Attachment): void {
    const data = sealed(attachment);
    if (data === null || attachment.type !== attachable(this.head)) return;
    this.prove(data);
  }

  /** What stands beside it in a field that only its provider can read. @param data of a block of which nothing else is shown */
  prove(data: string): void {
    this.#attached.push(data);
    this.#heldBytes += Buffer.byteLength(data);
  }

  /** The events of what waits. @param next the index of the block if it begins now; returns whether it has begun */
  flush(events: AnswerEvent[], next: number): boolean {
    const isFirst = this.#index === null;
    if (isFirst) {
      const content_block = this.#beginning();
      if (content_block === null) return false;
      events.push({ type: 'content_block_start', index: next, content_block });
    }
    const index = this.#index ?? next;
    for (const delta of this.#deltas()) events.push({ type: 'content_block_delta', index, delta });
    this.#index = index;
    this.#text = '';
    this.#attached = [];
    this.#heldBytes = 0;
    return isFirst;
  }

  /** Ends what was begun; to be called once, after the last `flush`. */
  stop(events: AnswerEvent[]): void {
    this.isWritten = true;
    if (this.#index !== null) events.push({ type: 'content_block_stop', index: this.#index });
  }

  /** Null while there is nothing to show of it. */
  #beginning(): AnswerBlock | null {
    const { head } = this;
    const [first] = this.#attached;
    switch (head.type) {
      case 'text':
      case 'refusal':
        return this.#text === '' && first === undefined ? null : { type: 'text', text: '' };
      case 'reasoning':
        if (head.form === 'hidden') return first === undefined ? null : { type: 'redacted_thinking', data: first };
        return this.#text === '' && first === undefined ? null : { type: 'thinking', thinking: '', signature: '' };
      case 'call': {
        const type = head.by === 'client' ? 'tool_use' : 'server_tool_use';
        return { type, id: head.callId, name: head.name, input: {} };
      }
      case 'foreign':
        return asRecord(head.value);
      case 'media':
      case 'file-id':
      case 'result':
        return null;
      default:
        return head satisfies never;
    }
  }

  #deltas(): AnswerDelta[] {
    const text = this.#text;
    switch (this.head.type) {
      case 'text':
      case 'refusal':
        return [
          ...(text === '' ? [] : [{ type: 'text_delta', text } as const]),
          ...this.#attached.map((data) => ({ type: 'citations_delta', citation: parseExact(data) }) as const),
        ];
      case 'reasoning':
        if (this.head.form === 'hidden') return [];
        return [
          ...(text === '' ? [] : [{ type: 'thinking_delta', thinking: text } as const]),
          ...this.#attached.map((signature) => ({ type: 'signature_delta', signature }) as const),
        ];
      case 'call':
        return text === '' ? [] : [{ type: 'input_json_delta', partial_json: text }];
      case 'foreign':
      case 'media':
      case 'file-id':
      case 'result':
        return [];
      default:
        return this.head satisfies never;
    }
  }
}

/** Whether a message has such a block at all. */
export function isOfMessages(head: BlockHead): boolean {
  if (head.type === 'foreign') return head.of === MESSAGES;
  return head.type !== 'media' && head.type !== 'file-id' && head.type !== 'result';
}

function attachable(head: BlockHead): Attachment['type'] | null {
  if (head.type === 'reasoning') return head.form === 'hidden' ? 'redacted' : 'signature';
  return head.type === 'text' || head.type === 'refusal' ? 'citation' : null;
}
