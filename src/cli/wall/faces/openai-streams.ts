/** Streams of OpenAI's older APIs: chunks without names, and `[DONE]`. They differ in where the text is. */
import type { StreamEvent } from '../event-decoder.ts';
import { codeOf, fieldOf, parsedEvent, type StreamReader, stringOf, Told } from './face.ts';

/** A reader of chunks. @param textOf the text in a choice; null for none */
export function chunkReader(textOf: (choice: unknown) => string | null): StreamReader {
  return new ChunkReader(textOf);
}

class ChunkReader implements StreamReader {
  readonly #textOf: (choice: unknown) => string | null;
  #text = '';
  #finish: string | null = null;

  constructor(textOf: (choice: unknown) => string | null) {
    this.#textOf = textOf;
  }

  get text(): string {
    return this.#text;
  }

  get finish(): string | null {
    return this.#finish;
  }

  take({ name, data }: StreamEvent): boolean {
    if (data === '[DONE]') return true;
    const chunk = parsedEvent(data);
    if (name === 'error' || fieldOf(chunk, 'error')) throw new Told(codeOf(chunk) ?? 'error');
    const choice = fieldOf(fieldOf(chunk, 'choices'), 0);
    this.#text += this.#textOf(choice) ?? '';
    this.#finish = stringOf(fieldOf(choice, 'finish_reason')) ?? this.#finish;
    return false;
  }
}

export const bearer = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });
