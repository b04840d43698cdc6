/**
 * Reads the parts of a candidate into the events of its blocks; a chunk of a stream has the form of a whole answer, so both are
 * read by the same code. Texts of one kind that follow each other are one text, since nothing says where a stream cuts them; a
 * signature ends the text that it signs.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { BlockHead, HubEvent } from '../hub.ts';
import { madeCallId } from '../made-call-id.ts';
import { GEMINI, kindOf } from './facts.ts';

/** The block of text that is open. */
interface OpenText {
  readonly block: number;
  readonly isThought: boolean;
  /** A signed text is whole. */
  isSigned: boolean;
}

/** Reads the parts of one answer, whole or in pieces. */
export class PartReader {
  /** The provider's id of the answer, of which ids of calls are made; null where it gives none. */
  answerId: string | null = null;
  #blocks = 0;
  #calls = 0;
  #open: OpenText | null = null;

  /** Whether the client must run a tool. */
  get hasCalls(): boolean {
    return this.#calls > 0;
  }

  part(part: JsonRecord): HubEvent[] {
    const { thought, thoughtSignature, ...content } = part;
    const signature = asString(thoughtSignature) ?? '';
    const isThought = thought === true;
    const text = asString(content.text);
    const [name] = Object.keys(content);
    // A signature may stand alone.
    if (text !== null || name === undefined) return this.#text(text ?? '', isThought, signature);
    const call = asRecord(content.functionCall);
    if (call !== null) return this.#call(call, signature);
    const media = asRecord(content.inlineData) ?? asRecord(content.fileData);
    // A thought that is an image is a draft, which nobody should take for the answer.
    if (media !== null && !isThought) return this.#media(media, signature);
    return this.#whole({ type: 'foreign', of: GEMINI, name, value: part, refusal: null }, '', signature);
  }

  /** What is said of the text as a whole, by offsets: it comes with the last piece. */
  citation(name: string, value: JsonRecord | null): HubEvent[] {
    if (value === null || Object.keys(value).length === 0) return [];
    if (this.#open === null || this.#open.isThought) {
      return this.#whole({ type: 'foreign', of: GEMINI, name, value, refusal: null }, '', '');
    }
    const data = JSON.stringify({ [name]: value });
    return [{ type: 'attach', block: this.#open.block, attachment: { type: 'citation', of: GEMINI, data } }];
  }

  /** Closes the text that is open. */
  close(): HubEvent[] {
    if (this.#open === null) return [];
    const { block } = this.#open;
    this.#open = null;
    return [{ type: 'close', block }];
  }

  #text(text: string, isThought: boolean, signature: string): HubEvent[] {
    if (text === '' && signature === '') return [];
    const events: HubEvent[] = [];
    let open = this.#open;
    if (open === null || open.isThought !== isThought || open.isSigned) {
      events.push(...this.close());
      open = { block: this.#next(), isThought, isSigned: false };
      this.#open = open;
      const head = isThought ? ({ type: 'reasoning', form: 'summary' } as const) : ({ type: 'text' } as const);
      events.push({ type: 'open', block: open.block, head });
    }
    const { block } = open;
    if (text !== '') events.push({ type: 'delta', block, text });
    if (signature !== '') {
      open.isSigned = true;
      events.push(signed(block, signature));
    }
    return events;
  }

  /** Without an id of its own, it gets the same whenever the same answer is read, and another than any other call. */
  #call(call: JsonRecord, signature: string): HubEvent[] {
    const name = asString(call.name) ?? '';
    const input = JSON.stringify(asRecord(call.args) ?? {});
    const answer = JSON.stringify([this.answerId, input, signature]);
    const callId = asString(call.id) || madeCallId(answer, this.#calls, name);
    this.#calls += 1;
    return this.#whole({ type: 'call', callId, name, by: 'client' }, input, signature);
  }

  #media({ mimeType, data, fileUri, displayName }: JsonRecord, signature: string): HubEvent[] {
    const mediaType = asString(mimeType);
    const base64 = asString(data);
    const from = base64 === null ? 'url' : 'data';
    const head = { type: 'media', kind: kindOf(mediaType), mediaType, name: asString(displayName), from } as const;
    return this.#whole(head, base64 ?? asString(fileUri) ?? '', signature);
  }

  /** A block that comes in one piece. Of a call, its proof comes first: clients of chats look for it where it begins. */
  #whole(head: BlockHead, text: string, signature: string): HubEvent[] {
    const events = this.close();
    const block = this.#next();
    events.push({ type: 'open', block, head });
    if (signature !== '') events.push(signed(block, signature));
    if (text !== '') events.push({ type: 'delta', block, text });
    events.push({ type: 'close', block });
    return events;
  }

  #next(): number {
    const block = this.#blocks;
    this.#blocks += 1;
    return block;
  }
}

function signed(block: number, data: string): HubEvent {
  return { type: 'attach', block, attachment: { type: 'signature', of: GEMINI, data } };
}
