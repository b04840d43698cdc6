/**
 * What the model thought, in a streamed answer: as it was, or a summary. What only OpenAI can read comes with its end.
 */
import type { ItemStatus, OutputItem, ResponseEvent } from '../../wire/responses.ts';
import type { GrowingItem } from './growing-item.ts';

export class ReasoningItem implements GrowingItem {
  readonly id: string;
  readonly #index: number;
  readonly #isSummary: boolean;
  #text = '';
  #encrypted: string | null = null;
  #holdsText = false;
  #status: ItemStatus = 'in_progress';

  constructor(id: string, index: number, isSummary: boolean) {
    this.id = id;
    this.#index = index;
    this.#isSummary = isSummary;
  }

  get value(): OutputItem {
    const text = this.#text;
    return {
      id: this.id,
      type: 'reasoning',
      status: this.#status,
      summary: this.#isSummary && text !== '' ? [{ type: 'summary_text', text }] : [],
      ...(this.#isSummary || text === '' ? {} : { content: [{ type: 'reasoning_text', text }] }),
      ...(this.#encrypted === null ? {} : { encrypted_content: this.#encrypted + (this.#holdsText ? text : '') }),
    };
  }

  add(text: string): ResponseEvent[] {
    const isFirst = this.#text === '';
    this.#text += text;
    const delta = this.#isSummary
      ? ({ type: 'response.reasoning_summary_text.delta', ...this.#summaryPlace, delta: text } as const)
      : ({ type: 'response.reasoning_text.delta', ...this.#textPlace, delta: text } as const);
    return isFirst ? [this.#part('added', ''), delta] : [delta];
  }

  /**
   * @param data proof of the thought, which OpenAI wants back
   * @param holdsText the thought itself follows in it: agents send back no other text of thoughts that are shown as they were
   */
  encrypt(data: string, holdsText: boolean): void {
    this.#encrypted = data;
    this.#holdsText = holdsText;
  }

  end(status: ItemStatus): ResponseEvent[] {
    this.#status = status;
    const done = { type: 'response.output_item.done', output_index: this.#index, item: this.value } as const;
    const text = this.#text;
    if (text === '') return [done];
    return [
      this.#isSummary
        ? { type: 'response.reasoning_summary_text.done', ...this.#summaryPlace, text }
        : { type: 'response.reasoning_text.done', ...this.#textPlace, text },
      this.#part('done', text),
      done,
    ];
  }

  #part(what: 'added' | 'done', text: string): ResponseEvent {
    return this.#isSummary
      ? { type: `response.reasoning_summary_part.${what}`, ...this.#summaryPlace, part: { type: 'summary_text', text } }
      : { type: `response.content_part.${what}`, ...this.#textPlace, part: { type: 'reasoning_text', text } };
  }

  get #summaryPlace() {
    return { item_id: this.id, output_index: this.#index, summary_index: 0 };
  }

  get #textPlace() {
    return { item_id: this.id, output_index: this.#index, content_index: 0 };
  }
}
