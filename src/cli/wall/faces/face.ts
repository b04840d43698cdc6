/** The interface of a face: one API as its clients use it, with the rules by which its official SDK reads answers. */
import type { StreamEvent } from '../event-decoder.ts';
import type { AnswerForm } from '../meant.ts';

/** A stream that is being read. */
export interface StreamReader {
  /** What the client has of the answer. */
  readonly text: string;
  /** Why the answer has ended; null as long as nothing has said so. */
  readonly finish: string | null;
  /** Takes an event; true if the client reads no further. Throws `Told` for an error, `Malformed` for no event of the API. */
  take(event: StreamEvent): boolean;
  /** Looks back at the end of the body. Throws `Told` if the client misses something. */
  end?(): void;
}

export interface Face {
  readonly name: string;
  readonly path: string;
  /** What its answers are. */
  readonly form: AnswerForm;
  readonly streams: boolean;
  /** Whether every provider has its own form of it, so that a target may speak another dialect. */
  readonly translated: boolean;
  /** The headers beside content-type; `key` is the client's. */
  headers(key: string): Readonly<Record<string, string>>;
  body(model: string, prompt: string, stream: boolean): object;
  /** The content and the finish of a parsed answer. Throws `Told` for one that says it has failed, `Malformed`. */
  read(answer: unknown): { readonly text: string; readonly finish: string | null };
  reader(): StreamReader;
}

/** The provider or the gateway has said that the answer is broken. */
export class Told extends Error {
  override readonly name = 'Told';
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** What came is no answer of this API. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** The name of an error in a body or an event; null if there is none. OpenAI's and Anthropic's forms. */
export function codeOf(value: unknown): string | null {
  const error = fieldOf(value, 'error') ?? value;
  const name = fieldOf(error, 'code') ?? fieldOf(error, 'type');
  return typeof name === 'string' ? name : null;
}

/** A field of foreign JSON. */
export function fieldOf(value: unknown, name: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Record<string | number, unknown>)[name];
}

/** A text in foreign JSON; null for anything else. */
export function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The JSON of an event. Throws `Told`: the SDKs throw too. */
export function parsedEvent(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new Told('unreadable');
  }
}
