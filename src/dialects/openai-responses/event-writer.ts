/** Writes events as bytes. Clients know an event by its type, and its place by its number, from 0. */
import type { ResponseEvent } from '../../wire/responses.ts';

export class EventWriter {
  #next: number;

  constructor(next = 0) {
    this.#next = next;
  }

  /** The number of the next event. */
  get next(): number {
    return this.#next;
  }

  write(events: readonly ResponseEvent[]): Buffer {
    let text = '';
    for (const { type, ...fields } of events) {
      text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#next, ...fields })}\n\n`;
      this.#next += 1;
    }
    return Buffer.from(text);
  }
}
