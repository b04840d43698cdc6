/**
 * Reads the items of an output into the neutral form, whole or piece by piece.
 *
 *   message          → a text or a refusal for each part, with its sources
 *   reasoning        → a thought: its summary, or the text itself, with what OpenAI has encrypted; hidden if that is all
 *   function_call    → a call of the client's
 *   all else         → foreign to every other dialect
 *
 * An item that is done is told again as a whole: of that, only what has not been told is taken. So servers may leave out
 * pieces, or all of them.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { encryptedThought } from '../encrypted-thought.ts';
import type { Attachment, BlockHead, HubEvent } from '../hub.ts';
import { madeCallId } from '../made-call-id.ts';
import { jsonText } from '../openai-chat/facts.ts';
import { RESPONSES } from './facts.ts';

const NOTHING: readonly HubEvent[] = [];

/** A block that has begun, and how much of it has been told. */
interface OpenBlock {
  readonly block: number;
  characters: number;
  /** The part to which the last piece belonged. */
  part: unknown;
  sources: number;
}

/** An item that has begun: its blocks by what they are, such as `text 0` or `summary`. */
interface OpenItem {
  readonly blocks: Map<string, OpenBlock>;
  isDone: boolean;
}

/** What a piece adds to: for texts in several parts that are one block, the part. */
interface Piece {
  readonly key: string;
  readonly head: BlockHead;
  readonly part: unknown;
  /** What stands between two parts. */
  readonly between: string;
}

const summary = (part: unknown): Piece => {
  return { key: 'summary', head: { type: 'reasoning', form: 'summary' }, part, between: '\n\n' };
};
const raw = (part: unknown): Piece => {
  return { key: 'raw', head: { type: 'reasoning', form: 'raw' }, part, between: '\n' };
};
const prose = (type: 'text' | 'refusal', part: unknown): Piece => {
  // A server's index may be anything.
  return { key: `${type} ${typeof part === 'number' ? part : ''}`, head: { type }, part, between: '' };
};

export class OutputReader {
  /** The provider's id of the answer. */
  id = '';
  #hasCalls = false;
  #blocks = 0;
  readonly #items = new Map<unknown, OpenItem>();
  readonly #callIds = new Set<string>();

  /** Whether the client must run a tool. */
  get hasCalls(): boolean {
    return this.#hasCalls;
  }

  /** @param place of the item in the output */
  begin(place: unknown, item: JsonRecord): readonly HubEvent[] {
    // A name that is not there yet comes with the end.
    if (item.type !== 'function_call' || asString(item.name) === null) return NOTHING;
    return this.#call(this.#item(place), item);
  }

  /** @param type of the event, without `response.` and `.delta` */
  piece(place: unknown, type: string, event: JsonRecord): readonly HubEvent[] {
    const item = this.#item(place);
    const text = asString(event.delta) ?? '';
    if (text === '' || item.isDone) return NOTHING;
    switch (type) {
      case 'output_text':
        return this.#add(item, prose('text', event.content_index), text);
      case 'refusal':
        return this.#add(item, prose('refusal', event.content_index), text);
      case 'reasoning_summary_text':
        return this.#add(item, summary(event.summary_index), text);
      case 'reasoning_text':
        return this.#add(item, raw(event.content_index), text);
      case 'function_call_arguments': {
        const call = item.blocks.get('call');
        if (call === undefined) return NOTHING;
        call.characters += text.length;
        return [{ type: 'delta', block: call.block, text }];
      }
      default:
        return NOTHING;
    }
  }

  /** A source of a text. */
  source(place: unknown, event: JsonRecord): readonly HubEvent[] {
    const open = this.#item(place).blocks.get(prose('text', event.content_index).key);
    if (open === undefined) return NOTHING;
    open.sources += 1;
    return [{ type: 'attach', block: open.block, attachment: citation(event.annotation) }];
  }

  /** What has not been told of an item, and its end. */
  done(place: unknown, item: JsonRecord): readonly HubEvent[] {
    const open = this.#item(place);
    if (open.isDone) return NOTHING;
    const events = [...this.#rest(open, item)];
    open.isDone = true;
    for (const { block } of open.blocks.values()) events.push({ type: 'close', block });
    open.blocks.clear();
    return events;
  }

  /** Ends what is open. @param output all items, as the end of a stream repeats them; servers may leave it empty */
  end(output: readonly unknown[]): readonly HubEvent[] {
    const events = output.flatMap((item, place) => this.done(place, asRecord(item) ?? {}));
    for (const place of this.#items.keys()) events.push(...this.done(place, {}));
    return events;
  }

  #rest(open: OpenItem, item: JsonRecord): readonly HubEvent[] {
    switch (item.type) {
      case undefined:
        return NOTHING;
      case 'message':
        return asArray(item.content).flatMap((value, part) => this.#part(open, asRecord(value) ?? {}, part));
      case 'reasoning':
        return this.#thought(open, item);
      case 'function_call':
        return this.#call(open, item);
      default:
        return this.#foreign(item);
    }
  }

  #part(open: OpenItem, value: JsonRecord, part: number): readonly HubEvent[] {
    switch (value.type) {
      case 'output_text': {
        const piece = prose('text', part);
        const events = this.#whole(open, piece, asString(value.text) ?? '');
        const block = open.blocks.get(piece.key);
        if (block === undefined) return events;
        const sources = asArray(value.annotations).slice(block.sources).map(citation);
        return [...events, ...sources.map((attachment) => attach(block, attachment))];
      }
      case 'refusal':
        return this.#whole(open, prose('refusal', part), asString(value.refusal) ?? '');
      default:
        return this.#foreign(value);
    }
  }

  #thought(open: OpenItem, item: JsonRecord): readonly HubEvent[] {
    const events = [
      ...this.#whole(open, summary(null), joinedTexts(item.summary, '\n\n')),
      ...this.#whole(open, raw(null), joinedTexts(item.content, '\n')),
    ];
    const data = asString(item.encrypted_content) ?? '';
    if (data === '') return events;
    const isHidden = open.blocks.size === 0;
    if (isHidden) events.push(...this.#open(open, 'hidden', { type: 'reasoning', form: 'hidden' }));
    const last = [...open.blocks.values()].at(-1);
    if (last !== undefined) events.push(attach(last, encryptedThought(data, isHidden)));
    return events;
  }

  #call(open: OpenItem, item: JsonRecord): readonly HubEvent[] {
    const text = asString(item.arguments) ?? '';
    const call = open.blocks.get('call');
    if (call !== undefined) return rest(call, text);
    this.#hasCalls = true;
    const name = asString(item.name) ?? '';
    const given = asString(item.call_id) || asString(item.id) || '';
    const isOwn = given !== '' && !this.#callIds.has(given);
    const callId = isOwn ? given : madeCallId(this.id, this.#blocks, name);
    this.#callIds.add(callId);
    const opened = this.#open(open, 'call', { type: 'call', callId, name, by: 'client' });
    const begun = open.blocks.get('call');
    return begun === undefined ? opened : [...opened, ...rest(begun, text)];
  }

  #foreign(value: JsonRecord): readonly HubEvent[] {
    const block = this.#blocks;
    this.#blocks += 1;
    const name = asString(value.type) ?? '';
    return [
      { type: 'open', block, head: { type: 'foreign', of: RESPONSES, name, value, refusal: null } },
      { type: 'close', block },
    ];
  }

  #add(item: OpenItem, { key, head, part, between }: Piece, text: string): readonly HubEvent[] {
    const opened = this.#open(item, key, head);
    const block = item.blocks.get(key);
    if (block === undefined) return NOTHING;
    const isNext = block.characters > 0 && block.part !== part;
    const told = isNext ? between + text : text;
    block.part = part;
    block.characters += told.length;
    return [...opened, { type: 'delta', block: block.block, text: told }];
  }

  #whole(item: OpenItem, { key, head }: Piece, text: string): HubEvent[] {
    if (text === '') return [];
    const opened = this.#open(item, key, head);
    const block = item.blocks.get(key);
    return block === undefined ? [] : [...opened, ...rest(block, text)];
  }

  /** Begins a block, if it has not begun. */
  #open(item: OpenItem, key: string, head: BlockHead): readonly HubEvent[] {
    if (item.blocks.has(key)) return NOTHING;
    const block = this.#blocks;
    this.#blocks += 1;
    item.blocks.set(key, { block, characters: 0, part: undefined, sources: 0 });
    return [{ type: 'open', block, head }];
  }

  #item(place: unknown): OpenItem {
    const item = this.#items.get(place) ?? { blocks: new Map<string, OpenBlock>(), isDone: false };
    this.#items.set(place, item);
    return item;
  }
}

function rest(open: OpenBlock, whole: string): HubEvent[] {
  const text = whole.slice(open.characters);
  open.characters += text.length;
  return text === '' ? [] : [{ type: 'delta', block: open.block, text }];
}

function attach({ block }: OpenBlock, attachment: Attachment): HubEvent {
  return { type: 'attach', block, attachment };
}

function citation(annotation: unknown): Attachment {
  return { type: 'citation', of: RESPONSES, data: jsonText(annotation) };
}

/** The texts of a thought's parts, in one. */
export function joinedTexts(parts: unknown, between: string): string {
  return asArray(parts)
    .map((part) => asString(asRecord(part)?.text) ?? '')
    .join(between);
}
