/**
 * What a scripted provider is asked and what it answers, in words that all dialects share. The script's own form: it must
 * not have the product's mistakes.
 */
import { asArray, asRecord, type JsonRecord } from '../../../src/shared/json.ts';

/** A function that the model may call. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** The schema of its arguments; null for a tool that takes text. */
  readonly parameters: JsonRecord | null;
}

/** A call that the model made, in the history or in an answer. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: unknown;
}

/** What the client says that a call gave. */
export interface ToolResult {
  readonly id: string;
  readonly text: string;
}

/** One request, as its provider read it. */
export interface Asked {
  /** Unique among all; the ids of its answer are made of it. */
  readonly id: string;
  readonly dialect: DialectName;
  readonly stream: boolean;
  /** The model's name at the provider. */
  readonly model: string;
  /** All instructions, joined by line breaks. */
  readonly system: string;
  /** The text of the last message of the user; it may be long. */
  readonly prompt: string;
  readonly tools: readonly OfferedTool[];
  /** Calls and results of the history, in order. */
  readonly calls: readonly ToolCall[];
  readonly results: readonly ToolResult[];
  /** What the model said before, text by text. */
  readonly said: readonly string[];
  /** The thoughts that came back, by their signature or encrypted content. */
  readonly signatures: readonly string[];
  /** The schema that the answer must have; null for none. */
  readonly schema: JsonRecord | null;
  /** The body as it came. */
  readonly body: JsonRecord;
}

/** The dialects that a scripted provider speaks. */
export type DialectName = 'chat' | 'responses' | 'messages';

/** What the model says. */
export type Said =
  | { readonly kind: 'text'; readonly text: string; readonly thought?: string }
  | { readonly kind: 'calls'; readonly calls: readonly ToolCall[]; readonly thought?: string }
  | { readonly kind: 'error'; readonly status: number; readonly type: string; readonly message: string };

/** How it is delivered. */
export interface Delivery {
  /** Silence before the first byte of the answer's body, in ms; its head is sent. Default 0. */
  readonly silentMs?: number;
  /** The connection is destroyed after that many events of a stream: 0, before content; more, after. Default: never. */
  readonly cutAfter?: 'head' | 'content';
}

export type Reply = Said & Delivery;

/** What every answer reports. */
export const usage = { input: 11, output: 7 } as const;

/** The text of a message's content, whatever form a dialect gives it. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => asRecord(part)?.text)
    .filter((text) => typeof text === 'string')
    .join('');
}

/** The texts of these messages, without empty ones. */
export function textsOf(messages: readonly JsonRecord[]): readonly string[] {
  return messages.map(({ content }) => textOf(content)).filter((text) => text !== '');
}

/** A text in pieces, as a stream brings it; characters of two code units stay whole. */
export function pieces(text: string): readonly string[] {
  return text.match(/.{1,5}/gsu) ?? [];
}
