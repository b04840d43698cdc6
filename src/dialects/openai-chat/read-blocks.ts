/**
 * Reads the deltas of one message into the events of its blocks; a whole message is one delta, so a stream and a whole
 * answer cannot be read differently.
 *
 * This dialect does not say where a block begins or ends. A text ends when anything else begins, so that a dialect which
 * allows one open block can pass it on. Calls stay open until the finish, since their pieces may interleave.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { asExactRecord } from '../../wire/exact-json.ts';
import type { Attachment, BlockHead, HubEvent } from '../hub.ts';
import { answerName, madeCallId } from '../made-call-id.ts';
import { proofOf, type ThoughtField, thoughtFields } from '../plain-thoughts.ts';
import { CHAT, jsonText, proofIn } from './facts.ts';

type Prose = 'text' | 'refusal' | 'reasoning';

/** A call whose finish has not come. */
interface Call {
  /** Null until its name is known. */
  block: number | null;
  id: string;
  name: string;
  /** What came before it opened. */
  held: string;
  proofs: Attachment[];
}

/** The blocks of one message, as far as they have come. */
export class BlockReader {
  #blocks = 0;
  #hasCalls = false;
  #answer = '';
  #prose: { readonly type: Prose; readonly block: number; readonly field: ThoughtField | null } | null = null;
  /** By index; the one of the old form, `function_call`, by that name. */
  readonly #calls = new Map<unknown, Call>();
  readonly #callIds = new Set<string>();
  #events: HubEvent[] = [];

  /** @param record the answer, or a chunk of it: ids of calls that have none are made of what it says of itself */
  identify({ id, created }: JsonRecord): void {
    this.#answer = answerName({ id, created });
  }

  /** Whether the client must run a tool. */
  get hasCalls(): boolean {
    return this.#hasCalls;
  }

  /** @param delta its tool calls have indexes that are right */
  take(delta: JsonRecord): readonly HubEvent[] {
    const field = thoughtFields.find((name) => asString(delta[name])) ?? null;
    if (field !== null) this.#takeProse('reasoning', asString(delta[field]), field);
    this.#takeProse('text', asString(delta.content));
    for (const part of asArray(delta.content)) this.#takePart(asRecord(part) ?? {});
    this.#takeProse('refusal', asString(delta.refusal));
    for (const citation of asArray(delta.annotations)) this.#cite(citation);
    for (const value of asArray(delta.tool_calls)) {
      const piece = asRecord(value) ?? {};
      if (asRecord(piece.custom) === null) this.#takeCall(piece.index, piece);
      else this.#takeForeign('custom', piece);
    }
    const called = asRecord(delta.function_call);
    if (called !== null) this.#takeCall('function_call', { function: called });
    if (asRecord(delta.audio) !== null) this.#takeForeign('audio', delta.audio);
    for (const image of asArray(delta.images)) this.#takeForeign('image', image);
    return this.#taken();
  }

  /** Closes what is open. */
  close(): readonly HubEvent[] {
    this.#closeProse();
    for (const call of this.#calls.values()) this.#events.push({ type: 'close', block: this.#opened(call) });
    this.#calls.clear();
    return this.#taken();
  }

  /** Mistral's parts: texts, thoughts, and references. */
  #takePart(part: JsonRecord): void {
    const { type, text, refusal, thinking } = part;
    if (type === 'text') this.#takeProse('text', asString(text));
    else if (type === 'refusal') this.#takeProse('refusal', asString(refusal));
    else if (type !== 'thinking') this.#takeForeign(asString(type) ?? '', part);
    else for (const thought of asArray(thinking)) this.#takeProse('reasoning', asString(asRecord(thought)?.text));
  }

  /** @param field that a thought came in, if it may go back in it */
  #takeProse(type: Prose, text: string | null, field: ThoughtField | null = null): void {
    if (text === null || text === '') return;
    if (this.#prose?.type !== type) {
      const block = this.#open(type === 'reasoning' ? { type, form: 'raw' } : { type });
      this.#prose = { type, block, field };
    }
    this.#events.push({ type: 'delta', block: this.#prose.block, text });
  }

  /** One that comes when its text has ended belongs to nothing. */
  #cite(citation: unknown): void {
    if (this.#prose?.type !== 'text') return;
    const attachment = { type: 'citation', of: CHAT, data: jsonText(citation) } as const;
    this.#events.push({ type: 'attach', block: this.#prose.block, attachment });
  }

  #takeForeign(name: string, value: unknown): void {
    const block = this.#open({ type: 'foreign', of: CHAT, name, value, refusal: null });
    this.#events.push({ type: 'close', block });
  }

  #takeCall(index: unknown, piece: JsonRecord): void {
    const call = this.#calls.get(index) ?? { block: null, id: '', name: '', held: '', proofs: [] };
    this.#calls.set(index, call);
    this.#hasCalls = true;
    const called = asRecord(piece.function) ?? {};
    call.id ||= asString(piece.id) ?? '';
    call.name ||= asString(called.name) ?? '';
    call.held += argumentsIn(called);
    call.proofs.push(...proofIn(piece));
    // Name and id may come apart. Some servers send no id at all: the first piece of the input shows it.
    if (call.block !== null || (call.name !== '' && (call.id !== '' || call.held !== ''))) this.#opened(call);
  }

  /** Gives out what is known of the call, and returns its block. */
  #opened(call: Call): number {
    const block = call.block ?? this.#openCall(call);
    call.block = block;
    if (call.held !== '') this.#events.push({ type: 'delta', block, text: call.held });
    for (const attachment of call.proofs) this.#events.push({ type: 'attach', block, attachment });
    call.held = '';
    call.proofs = [];
    return block;
  }

  /** Clients tell calls apart by their ids, and some servers give none, or the same to all. */
  #openCall({ id, name }: Call): number {
    const isOwn = id !== '' && !this.#callIds.has(id);
    const callId = isOwn ? id : madeCallId(this.#answer, this.#blocks, name);
    this.#callIds.add(callId);
    return this.#open({ type: 'call', callId, name, by: 'client' });
  }

  #open(head: BlockHead): number {
    this.#closeProse();
    const block = this.#blocks;
    this.#blocks += 1;
    this.#events.push({ type: 'open', block, head });
    return block;
  }

  #closeProse(): void {
    if (this.#prose !== null) {
      const { block, field } = this.#prose;
      if (field !== null) this.#events.push({ type: 'attach', block, attachment: proofOf(field) });
      this.#events.push({ type: 'close', block });
    }
    this.#prose = null;
  }

  #taken(): readonly HubEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

/** As text. Some servers send the object itself. */
function argumentsIn({ arguments: input }: JsonRecord): string {
  return asString(input) ?? (asExactRecord(input) === null ? '' : jsonText(input));
}
