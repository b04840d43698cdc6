/**
 * How much an answer has said, by which its tokens are estimated where its provider did not count them. Bytes of the text
 * itself: what a model writes, without the JSON around it.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../shared/json.ts';

/** Bytes in UTF-8, from 0. */
export interface Said {
  /** The model, as the answer names it; null if it names none. */
  readonly model: string | null;
  /** Texts, refusals and the input of tools. */
  readonly text: number;
  readonly reasoning: number;
  /** Of both, what came after the last count of tokens. */
  readonly uncounted: number;
  /** Set if it is the length of a whole body, of which the texts were not looked at. */
  readonly isRough?: true;
}

/** What is known of a large answer, whose texts are not looked at. */
export function roughly(model: unknown, bytes: number): Said {
  return { model: asString(model), text: bytes, reasoning: 0, uncounted: bytes, isRough: true };
}

/** Adds up what comes. */
export class SaidSoFar {
  #text = 0;
  #reasoning = 0;
  #counted = 0;
  #last: 'text' | 'reasoning' = 'text';
  #model: string | null = null;

  /** @param bytes from 0 */
  add(kind: 'text' | 'reasoning', bytes: number): void {
    this.#last = kind;
    if (kind === 'text') this.#text += bytes;
    else this.#reasoning += bytes;
  }

  /** Adds a text; nothing for what is none. */
  addText(kind: 'text' | 'reasoning', value: unknown): void {
    if (typeof value === 'string' && value !== '') this.add(kind, Buffer.byteLength(value));
  }

  /** Adds a message of a chat, or a piece of one. */
  addMessage(message: JsonRecord): void {
    const { content, tool_calls: calls } = message;
    if (Array.isArray(content)) for (const part of content) this.#addPart(asRecord(part) ?? {});
    else this.addText('text', content);
    this.addText('text', message.refusal);
    // vLLM sends the same thought under both names.
    this.addText('reasoning', message.reasoning_content || message.reasoning);
    if (calls !== undefined) for (const call of asArray(calls)) this.#addCall(asRecord(asRecord(call)?.function) ?? {});
  }

  /** An answer, or a piece of one, names its model. @param model anything: what is no name is passed over */
  named(model: unknown): void {
    if (this.#model === null && typeof model === 'string' && model !== '') this.#model = model;
  }

  /** The provider has counted what has come. */
  counted(): void {
    this.#counted = this.#text + this.#reasoning;
  }

  /** What was added last. */
  get last(): 'text' | 'reasoning' {
    return this.#last;
  }

  get said(): Said {
    const text = this.#text;
    const reasoning = this.#reasoning;
    return { model: this.#model, text, reasoning, uncounted: text + reasoning - this.#counted };
  }

  /** Mistral's thoughts are parts of the content. */
  #addPart({ text, thinking }: JsonRecord): void {
    this.addText('text', text);
    for (const thought of asArray(thinking)) this.addText('reasoning', asRecord(thought)?.text);
  }

  #addCall({ name, arguments: input }: JsonRecord): void {
    this.addText('text', name);
    this.addText('text', input);
  }
}

/** The fields in which the dialects have what a model writes. */
const written = /"(content|text|refusal|arguments|partial_json|reasoning_content|reasoning|thinking)"\s*:\s*"/g;

/** More of a body is not looked at: what it has said is counted as it stands. */
const LOOKED_AT_BYTES = 256 * 1024;

/** How much the beginning of a plain answer has said, of which the end did not come: it is no JSON yet. */
export function saidInPart(body: Buffer): Said {
  if (body.length > LOOKED_AT_BYTES) return roughly(null, body.length);
  const json = body.toString('utf8');
  const said = new SaidSoFar();
  for (const match of json.matchAll(written)) {
    const start = match.index + match[0].length;
    const kind = /^(?:reasoning|thinking)/.test(match[1] ?? '') ? 'reasoning' : 'text';
    said.addText(kind, json.slice(start, endOfText(json, start)));
  }
  return said.said;
}

/** Where the quote stands that ends a string; the end of the text without one. */
function endOfText(json: string, start: number): number {
  let at = start;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return Math.min(at, json.length);
}
