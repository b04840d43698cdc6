/**
 * Splits a stream into server-sent events as the official SDKs do: lines end in CR, LF or both, a character may be split
 * between two chunks, and what is left at the end counts as a line.
 */

/** One event. `name` is null if it has none. */
export interface StreamEvent {
  readonly name: string | null;
  readonly data: string;
}

export class EventDecoder {
  readonly #text = new TextDecoder();
  #rest = '';
  #name: string | null = null;
  #data: string[] = [];

  /** The events that these bytes complete. */
  push(bytes: Uint8Array): StreamEvent[] {
    return this.#lines(this.#text.decode(bytes, { stream: true }), false);
  }

  /** The events that the end completes. */
  end(): StreamEvent[] {
    const events = this.#lines(this.#text.decode(), true);
    const last = this.#complete();
    return last === null ? events : [...events, last];
  }

  #lines(text: string, atEnd: boolean): StreamEvent[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (atEnd && this.#rest !== '') lines.push(this.#rest);
    return lines.flatMap((line) => this.#line(line.replace(/\r$/, '')) ?? []);
  }

  #line(line: string): StreamEvent | null {
    if (line === '') return this.#complete();
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return null;
  }

  /** Null if there is none: comments alone are no event. */
  #complete(): StreamEvent | null {
    if (this.#name === null && this.#data.length === 0) return null;
    const event = { name: this.#name, data: this.#data.join('\n') };
    this.#name = null;
    this.#data = [];
    return event;
  }
}
