/** A message of a streamed answer: its texts, and refusals, each a part that ends where the other begins. */
import type { ItemStatus, MessagePart, OutputItem, ResponseEvent } from '../../wire/responses.ts';
import type { GrowingItem } from './growing-item.ts';

interface Part {
  readonly type: 'text' | 'refusal';
  text: string;
}

export class MessageItem implements GrowingItem {
  readonly id: string;
  readonly #index: number;
  readonly #parts: Part[] = [];
  #status: ItemStatus = 'in_progress';

  constructor(id: string, index: number) {
    this.id = id;
    this.#index = index;
  }

  get value(): OutputItem {
    const content = this.#parts.map(partOf);
    return { id: this.id, type: 'message', status: this.#status, role: 'assistant', content };
  }

  add(type: Part['type'], text: string): ResponseEvent[] {
    const last = this.#parts.at(-1);
    const events: ResponseEvent[] = [];
    if (last?.type !== type) {
      events.push(...this.#endPart());
      this.#parts.push({ type, text: '' });
      events.push({ type: 'response.content_part.added', ...this.#place, part: partOf({ type, text: '' }) });
    }
    const part = this.#parts.at(-1);
    if (part !== undefined) part.text += text;
    const piece = { ...this.#place, delta: text };
    events.push(
      type === 'text'
        ? { type: 'response.output_text.delta', ...piece, logprobs: [] }
        : { type: 'response.refusal.delta', ...piece },
    );
    return events;
  }

  end(status: ItemStatus): ResponseEvent[] {
    this.#status = status;
    return [...this.#endPart(), { type: 'response.output_item.done', output_index: this.#index, item: this.value }];
  }

  #endPart(): ResponseEvent[] {
    const part = this.#parts.at(-1);
    if (part === undefined) return [];
    const place = this.#place;
    return [
      part.type === 'text'
        ? { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] }
        : { type: 'response.refusal.done', ...place, refusal: part.text },
      { type: 'response.content_part.done', ...place, part: partOf(part) },
    ];
  }

  /** Of the last part. */
  get #place() {
    return { item_id: this.id, output_index: this.#index, content_index: this.#parts.length - 1 };
  }
}

function partOf({ type, text }: Readonly<Part>): MessagePart {
  return type === 'text' ? { type: 'output_text', annotations: [], logprobs: [], text } : { type, refusal: text };
}
