/**
 * What a provider keeps between requests, since clients then send only what is new: the messages of a thread, by the id of
 * its last answer, and the items of responses, by their own.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';

export class Kept {
  readonly #threads = new Map<string, JsonRecord>();
  readonly #items = new Map<string, JsonRecord>();

  /** A request with what it goes on from and refers to; null if that is not kept here. */
  whole(body: JsonRecord): JsonRecord | null {
    const thread = asRecord(body.thread);
    if (thread?.type === 'continue') {
      const before = this.#threads.get(asString(thread.previous_message_id) ?? '');
      return before === undefined ? null : { ...before, ...body, messages: joined(before.messages, body.messages) };
    }
    const input = asArray(body.input).map((item) => {
      const record = asRecord(item);
      return record?.type === 'item_reference' ? this.#items.get(asString(record.id) ?? '') : item;
    });
    if (input.includes(undefined)) return null;
    return Array.isArray(body.input) ? { ...body, input } : body;
  }

  /** Keeps an answer with the whole request that it is to. */
  keep(body: JsonRecord, answer: JsonRecord): void {
    if (asRecord(body.thread) !== null) {
      const said = { role: 'assistant', content: answer.content };
      this.#threads.set(String(answer.id), { ...body, messages: joined(body.messages, [said]) });
    }
    if (body.store === false) return;
    for (const output of asArray(answer.output)) {
      const item = asRecord(output) ?? {};
      this.#items.set(String(item.id), item);
    }
  }
}

function joined(before: unknown, after: unknown): readonly unknown[] {
  return [...asArray(before), ...asArray(after)];
}
