/**
 * A whole response as the events of a stream, and back: for a client that asked for the one and whose provider answers in
 * the other. Items and fields that are not known here are carried along.
 */
import { asArray, asRecord, asString, type JsonRecord, parseJson } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import type { MessagePart, ResponseEvent, SummaryPart, ThoughtPart } from '../../wire/responses.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { AnswerCollector, SplitAnswer } from '../types.ts';
import { typeOf } from './event.ts';
import { EventWriter } from './event-writer.ts';

/** The events of a response that has been read. */
export function split(body: Buffer): SplitAnswer {
  const response = asRecord(parseJson(body.toString('utf8'))) ?? {};
  const writer = new EventWriter();
  const begun = { ...response, status: 'in_progress', output: [], usage: null, incomplete_details: null };
  const items = asArray(response.output).flatMap((item, index) => itemEvents(asRecord(item) ?? {}, index));
  const events = writer.write([
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items,
  ]);
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  return { events, terminal: writer.write([{ type, response }]) };
}

function itemEvents(item: JsonRecord, output_index: number): ResponseEvent[] {
  const place = { item_id: asString(item.id) ?? '', output_index };
  const added = (beginning: JsonRecord): ResponseEvent => ({
    type: 'response.output_item.added',
    output_index,
    item: { ...item, ...('status' in item ? { status: 'in_progress' } : {}), ...beginning },
  });
  const done: ResponseEvent = { type: 'response.output_item.done', output_index, item };
  switch (item.type) {
    case 'message':
      return [added({ content: [] }), ...partEvents(item.content, place), done];
    case 'reasoning': {
      const hasText = Array.isArray(item.content);
      const beginning = { summary: [], ...(hasText ? { content: [] } : {}) };
      return [added(beginning), ...summaryEvents(item.summary, place), ...partEvents(item.content, place), done];
    }
    case 'function_call': {
      const [text, name] = [asString(item.arguments) ?? '', asString(item.name) ?? ''];
      return [
        added({ arguments: '' }),
        { type: 'response.function_call_arguments.delta', ...place, delta: text },
        { type: 'response.function_call_arguments.done', ...place, name, arguments: text },
        done,
      ];
    }
    case 'custom_tool_call': {
      const text = asString(item.input) ?? '';
      return [
        added({ input: '' }),
        { type: 'response.custom_tool_call_input.delta', ...place, delta: text },
        { type: 'response.custom_tool_call_input.done', ...place, input: text },
        done,
      ];
    }
    default:
      return [added({}), done];
  }
}

interface Place {
  readonly item_id: string;
  readonly output_index: number;
}

/** Each part as it stands in the item; of its texts one piece. */
function partEvents(parts: unknown, of: Place): ResponseEvent[] {
  return asArray(parts).flatMap((value, content_index): ResponseEvent[] => {
    const part = asRecord(value) ?? {};
    const place = { ...of, content_index };
    const text = asString(part.text ?? part.refusal) ?? '';
    return [
      { type: 'response.content_part.added', ...place, part: emptied(part) },
      ...textEvents(part, text, place),
      // As the provider made it.
      { type: 'response.content_part.done', ...place, part: part as unknown as MessagePart },
    ];
  });
}

function emptied(part: JsonRecord): MessagePart | ThoughtPart {
  const empty = part.type === 'refusal' ? { refusal: '' } : { text: '' };
  const annotations = part.type === 'output_text' ? { annotations: [], logprobs: [] } : {};
  return { ...part, ...annotations, ...empty } as unknown as MessagePart;
}

function textEvents({ type }: JsonRecord, text: string, place: Place & { content_index: number }): ResponseEvent[] {
  switch (type) {
    case 'output_text':
      return [
        { type: 'response.output_text.delta', ...place, delta: text, logprobs: [] },
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
      ];
    case 'refusal':
      return [
        { type: 'response.refusal.delta', ...place, delta: text },
        { type: 'response.refusal.done', ...place, refusal: text },
      ];
    case 'reasoning_text':
      return [
        { type: 'response.reasoning_text.delta', ...place, delta: text },
        { type: 'response.reasoning_text.done', ...place, text },
      ];
    default:
      return [];
  }
}

function summaryEvents(parts: unknown, of: Place): ResponseEvent[] {
  return asArray(parts).flatMap((value, summary_index): ResponseEvent[] => {
    const part: SummaryPart = { type: 'summary_text', text: asString(asRecord(value)?.text) ?? '' };
    const place = { ...of, summary_index };
    return [
      { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
      { type: 'response.reasoning_summary_text.delta', ...place, delta: part.text },
      { type: 'response.reasoning_summary_text.done', ...place, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...place, part },
    ];
  });
}

/** The response of events: the last one holds it, and until then each that has ended adds its item. */
export class ResponseCollector implements AnswerCollector {
  #response: JsonRecord = {};
  readonly #items: unknown[] = [];

  push(event: SseEvent): void {
    if (event.data === null) return;
    const payload = asRecord(parseBounded(event.data));
    if (payload === null) throw unreadableEvent(event.data);
    this.#response = asRecord(payload.response) ?? this.#response;
    if (typeOf(event, payload) === 'response.output_item.done') this.#items.push(payload.item);
  }

  body(): Buffer {
    const { output } = this.#response;
    const isWhole = Array.isArray(output) && output.length > 0;
    return Buffer.from(JSON.stringify(isWhole ? this.#response : { ...this.#response, output: this.#items }));
  }
}
