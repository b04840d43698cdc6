/**
 * Reads a stream of response events into the neutral form.
 *
 *   the first event of a response         → start
 *   output_item.added, …delta, …done      → open, delta, attach, close (`read-output.ts`)
 *   completed, incomplete                 → what was not told of the items, usage, finish, end
 *
 * Other events say nothing that these do not, and what follows the end says nothing either.
 */
import type { DroppedReasoning } from '../../shared/events.ts';
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { HubEvent } from '../hub.ts';
import type { StreamReader } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorOf } from './errors.ts';
import { isLast, typeOf } from './event.ts';
import { finishOf, reasonOf, usageOf } from './facts.ts';
import { OutputReader } from './read-output.ts';

const NOTHING: readonly HubEvent[] = [];

export class ResponseReader implements StreamReader {
  readonly #output = new OutputReader();
  #begun = false;
  #ended = false;
  #sawOthers = false;
  #reasoningDropped: readonly DroppedReasoning[] | undefined;

  get reasoningDropped(): readonly DroppedReasoning[] | undefined {
    return this.#reasoningDropped;
  }

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push(event: SseEvent): readonly HubEvent[] {
    const { data } = event;
    // Some servers add the last line of chat completions.
    if (this.#ended || data === null || data === '' || data.startsWith('[DONE]')) return NOTHING;
    const payload = asRecord(parsePayload(data));
    if (payload === null) throw unreadableEvent(data);
    const type = typeOf(event, payload);
    const error = errorOf(type, payload);
    if (error !== null) {
      const usage = usageOf(asRecord(payload.response) ?? {});
      throw new UnreadableAnswerError('the provider reported an error', { error, usage });
    }
    if (!type.startsWith('response.')) return this.#other(type, payload);
    const response = asRecord(payload.response) ?? {};
    const start = this.#start(response);
    const events = isLast(type) ? this.#end(response) : this.#read(type, payload);
    return start.length === 0 ? events : [...start, ...events];
  }

  terminates(event: SseEvent): boolean {
    const payload = event.data === null ? null : asRecord(parseBounded(event.data));
    return payload !== null && isLast(typeOf(event, payload));
  }

  #other(type: string, payload: JsonRecord): readonly HubEvent[] {
    if (!this.#begun && (Array.isArray(payload.choices) || type === 'message_start')) {
      throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
    }
    this.#sawOthers ||= type === '';
    return NOTHING;
  }

  #start({ id, model }: JsonRecord): readonly HubEvent[] {
    if (this.#begun) return NOTHING;
    this.#begun = true;
    this.#output.id = asString(id) ?? '';
    return [{ type: 'start', id: asString(id) || null, model: asString(model) || null }];
  }

  #read(type: string, payload: JsonRecord): readonly HubEvent[] {
    const item = asRecord(payload.item) ?? {};
    const place = payload.output_index ?? payload.item_id ?? item.id;
    switch (type) {
      case 'response.output_item.added':
        return this.#output.begin(place, item);
      case 'response.output_item.done':
        return this.#output.done(place, item);
      case 'response.output_text.annotation.added':
        return this.#output.source(place, payload);
    }
    const kind = /^response\.(\w+)\.delta$/.exec(type)?.[1];
    return kind === undefined ? NOTHING : this.#output.piece(place, kind, payload);
  }

  #end(response: JsonRecord): readonly HubEvent[] {
    this.#ended = true;
    const dropped = droppedReasoningIn(response.input_transformations);
    if (dropped.length > 0) this.#reasoningDropped = dropped;
    const blocks = this.#output.end(asArray(response.output));
    const usage = usageOf(response);
    const finish = finishOf(reasonOf(response) ?? 'stop', this.#output.hasCalls);
    return [
      ...blocks,
      ...(usage === null ? [] : [{ type: 'usage', usage } as const]),
      ...(finish === null ? [] : [{ type: 'finish', finish } as const]),
      { type: 'end' },
    ];
  }
}
