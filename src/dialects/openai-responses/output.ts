/**
 * Puts the output of a response together from the events of an answer, and says what a stream tells of it.
 *
 *   text, refusal   → parts of a message; texts that follow each other are one, since clients take the last part, or the
 *                     last message, for the answer
 *   reasoning       → an item with a summary or with its text, and with what its provider has signed it with
 *   what signs a text or a call → an item of its own, behind the text or before the call (`google-signatures.ts`)
 *   call            → a call of the client's own tool (`client-tools.ts`)
 *
 * Items may grow side by side. Prose ends where another item begins; a call where it is closed and another begins, or with
 * the answer: only then is it known whether the last item was cut off. Left out is what this dialect cannot express, and
 * what stays empty.
 */
import type { ItemStatus, OutputItem, ResponseEvent } from '../../wire/responses.ts';
import { isGoogleSignature, sealedSignature, signatureBehind } from '../google-signatures.ts';
import type { Attachment, BlockHead, HubEvent } from '../hub.ts';
import { markOf } from '../plain-thoughts.ts';
import { CallItem } from './call-item.ts';
import { type ClientTool, clientTools } from './client-tools.ts';
import type { GrowingItem } from './growing-item.ts';
import { MessageItem } from './message-item.ts';
import { ReasoningItem } from './reasoning-item.ts';
import { sealed } from './sealed-thought.ts';

/** Counted for what an item is, besides its texts. */
const ITEM_BYTES = 512;

type Head<Type extends BlockHead['type']> = Extract<BlockHead, { type: Type }>;

/** A block that has opened: its head, and the item that takes its pieces, if it has begun. */
interface OpenBlock {
  readonly head: BlockHead;
  item: GrowingItem | null;
}

export class ResponseOutput {
  readonly #idPart: string;
  readonly #tools: ReadonlyMap<string, ClientTool>;
  readonly #items: GrowingItem[] = [];
  readonly #blocks = new Map<number, OpenBlock>();
  /** Items whose end has not been told, with their places. */
  readonly #growing = new Map<GrowingItem, number>();
  /** Those of them that end where another begins: prose, and calls that are closed. */
  readonly #ending = new Set<GrowingItem>();
  readonly #callIds = new Set<string>();
  #heldBytes = 0;

  /** @param tools as the client sent them */
  constructor(idPart: string, tools: unknown) {
    this.#idPart = idPart;
    this.#tools = clientTools(tools);
  }

  /** As far as it has come. */
  get items(): readonly OutputItem[] {
    return this.#items.map(({ value }) => value);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes what is of a block; other events tell nothing of the output. @param next what follows, as far as it is known */
  take(event: HubEvent, next?: HubEvent): ResponseEvent[] {
    switch (event.type) {
      case 'open':
        return this.#open(event.block, event.head, next);
      case 'delta':
        return event.text === '' ? [] : this.#delta(event.block, event.text);
      case 'attach':
        return this.#attach(event.block, event.attachment);
      case 'close': {
        const item = this.#blocks.get(event.block)?.item;
        if (item instanceof CallItem) this.#ending.add(item);
        this.#blocks.delete(event.block);
        return [];
      }
      case 'start':
      case 'finish':
      case 'usage':
      case 'end':
        return [];
      default:
        return event satisfies never;
    }
  }

  /** Ends all items. @param isCut the answer is incomplete, and so is its last item */
  end(isCut: boolean): ResponseEvent[] {
    const last = this.#items.at(-1);
    return [...this.#growing.keys()].flatMap((item) =>
      this.#end(item, isCut && item === last ? 'incomplete' : 'completed'),
    );
  }

  #open(block: number, head: BlockHead, next: HubEvent | undefined): ResponseEvent[] {
    const opened: OpenBlock = { head, item: null };
    this.#blocks.set(block, opened);
    if (head.type !== 'call' || head.by !== 'client') return [];
    const tool = this.#tools.get(head.name) ?? { name: head.name, namespace: null, isCustom: false };
    const proof = signatureBehind(block, next);
    const before = proof === null ? [] : this.#proof(sealedSignature('call', proof));
    const id = `${tool.isCustom ? 'ctc' : 'fc'}_${this.#nextId}`;
    const item = new CallItem(id, this.#items.length, this.#callId(head), tool);
    opened.item = item;
    return [...before, ...this.#begin(item)];
  }

  /** A thought of which nothing is shown but what the part beside it was signed with. */
  #proof(data: string): ResponseEvent[] {
    const item = new ReasoningItem(`rs_${this.#nextId}`, this.#items.length, true);
    this.#heldBytes += Buffer.byteLength(data);
    const begun = this.#begin(item);
    item.encrypt(data, false);
    return begun;
  }

  #delta(block: number, text: string): ResponseEvent[] {
    const open = this.#blocks.get(block);
    if (open === undefined) return [];
    this.#heldBytes += Buffer.byteLength(text);
    switch (open.head.type) {
      case 'text':
      case 'refusal':
        return this.#prose(open.head, text);
      case 'reasoning':
        return this.#thought(open, open.head, (item) => item.add(text));
      case 'call':
        return open.item instanceof CallItem ? open.item.add(text) : [];
      case 'media':
      case 'file-id':
      case 'result':
      case 'foreign':
        return [];
      default:
        return open.head satisfies never;
    }
  }

  #attach(block: number, attachment: Attachment): ResponseEvent[] {
    const open = this.#blocks.get(block);
    const data = sealed(attachment);
    if (open?.head.type === 'text' && isGoogleSignature(attachment))
      return this.#proof(sealedSignature('text', attachment));
    if (open?.head.type !== 'reasoning' || data === null) return [];
    this.#heldBytes += Buffer.byteLength(data);
    return this.#thought(open, open.head, (item) => {
      item.encrypt(data, markOf(attachment) !== null);
      return [];
    });
  }

  #prose({ type }: Head<'text' | 'refusal'>, text: string): ResponseEvent[] {
    const last = this.#items.at(-1);
    if (last instanceof MessageItem && this.#growing.has(last)) return last.add(type, text);
    const item = new MessageItem(`msg_${this.#nextId}`, this.#items.length);
    return [...this.#begin(item), ...item.add(type, text)];
  }

  #thought(
    open: OpenBlock,
    { form }: Head<'reasoning'>,
    change: (item: ReasoningItem) => ResponseEvent[],
  ): ResponseEvent[] {
    if (open.item instanceof ReasoningItem && this.#growing.has(open.item)) return change(open.item);
    const item = new ReasoningItem(`rs_${this.#nextId}`, this.#items.length, form !== 'raw');
    open.item = item;
    return [...this.#begin(item), ...change(item)];
  }

  #begin(item: GrowingItem): ResponseEvent[] {
    const ended = [...this.#ending].sort((one, other) => this.#placeOf(one) - this.#placeOf(other));
    const events = ended.flatMap((other) => this.#end(other, 'completed'));
    const output_index = this.#items.length;
    this.#items.push(item);
    this.#growing.set(item, output_index);
    if (!(item instanceof CallItem)) this.#ending.add(item);
    this.#heldBytes += ITEM_BYTES;
    return [...events, { type: 'response.output_item.added', output_index, item: item.value }];
  }

  #end(item: GrowingItem, status: ItemStatus): ResponseEvent[] {
    this.#growing.delete(item);
    this.#ending.delete(item);
    return item.end(status);
  }

  #placeOf(item: GrowingItem): number {
    return this.#growing.get(item) ?? 0;
  }

  get #nextId(): string {
    return `${this.#idPart}_${this.#items.length}`;
  }

  /** Clients tell calls apart by it, and some servers send none, or the same for all. */
  #callId({ callId }: Head<'call'>): string {
    const id = callId === '' || this.#callIds.has(callId) ? `call_${this.#nextId}` : callId;
    this.#callIds.add(id);
    return id;
  }
}
