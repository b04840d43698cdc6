/**
 * Reads a stream of chunks into the neutral form.
 *
 *   the first chunk that says anything  → start
 *   delta                               → open, delta, attach, close (`read-blocks.ts`)
 *   finish_reason                       → close, finish
 *   usage                               → usage
 *   [DONE]                              → close, end
 *
 * One choice is read: the first, since behind another dialect one is asked for.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { HubEvent } from '../hub.ts';
import type { StreamReader } from '../types.ts';
import { UnreadableAnswerError, type UpstreamError } from '../upstream-error.ts';
import { checkNoOther, chunkIn, errorOf, fieldErrorOf, isCompletion, isDone, piecesOf } from './chunk.ts';
import { finishOf, hasParts, isFinishReason, usageOf } from './facts.ts';
import { BlockReader } from './read-blocks.ts';
import { ToolCallRepair } from './tool-call-repair.ts';

const NOTHING: readonly HubEvent[] = [];

export class ChunkReader implements StreamReader {
  readonly #repair = new ToolCallRepair();
  readonly #blocks = new BlockReader();
  /** `index` of the choice that is read; null before it. */
  #choice: { readonly index: unknown } | null = null;
  #begun = false;
  #hasParts = false;
  #finished = false;
  #ended = false;
  /** Whether any event was a chunk, and any another object. */
  #sawChunks = false;
  #sawOthers = false;

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#sawChunks;
  }

  push(event: SseEvent): readonly HubEvent[] {
    const { data } = event;
    if (data === null || data === '') {
      refuse(data === null ? fieldErrorOf(event) : null);
      return NOTHING;
    }
    if (this.#ended) return NOTHING;
    if (isDone(event)) {
      this.#ended = true;
      return [...this.#start({}), ...this.#blocks.close(), { type: 'end' }];
    }
    const chunk = chunkIn(data, parsePayload);
    refuse(errorOf(event, chunk), chunk);
    if (chunk === null) throw unreadableEvent(data);
    return this.#read(chunk);
  }

  terminates(event: SseEvent): boolean {
    return isDone(event);
  }

  #read(chunk: JsonRecord): readonly HubEvent[] {
    if (Array.isArray(chunk.choices)) this.#sawChunks = true;
    else if (!this.#sawChunks) checkNoOther(chunk);
    this.#sawOthers ||= !Array.isArray(chunk.choices);
    const pieces = isCompletion(chunk) ? piecesOf(chunk, this.#hasParts, false) : [chunk];
    const events = pieces.flatMap(({ choices }) => asArray(choices).flatMap((choice) => this.#readChoice(choice)));
    const usage = usageOf(chunk);
    if (usage !== null) events.push({ type: 'usage', usage });
    // Azure begins with what its filter says of the prompt: no choice, no id, no model.
    const saysNothing = asArray(chunk.choices).length === 0 && !asString(chunk.id) && !asString(chunk.model);
    return events.length === 0 && saysNothing ? NOTHING : [...this.#start(chunk), ...events];
  }

  #start(chunk: JsonRecord): readonly HubEvent[] {
    if (this.#begun) return NOTHING;
    this.#begun = true;
    this.#blocks.identify(chunk);
    const { id, model } = chunk;
    return [{ type: 'start', id: asString(id) || null, model: asString(model) || null }];
  }

  #readChoice(value: unknown): readonly HubEvent[] {
    const sent = asRecord(value);
    if (sent === null) return NOTHING;
    this.#choice ??= { index: sent.index };
    if (sent.index !== this.#choice.index) return NOTHING;
    const choice = this.#repair.repair(sent);
    const delta = asRecord(choice.delta) ?? {};
    this.#hasParts ||= hasParts(delta);
    const events = this.#blocks.take(delta);
    if (this.#finished || !isFinishReason(choice.finish_reason)) return events;
    this.#finished = true;
    const finish = finishOf(choice, this.#blocks.hasCalls);
    return [...events, ...this.#blocks.close(), ...(finish === null ? [] : [{ type: 'finish', finish } as const])];
  }
}

function refuse(error: UpstreamError | null, chunk: JsonRecord | null = null): void {
  if (error === null) return;
  const usage = chunk === null ? null : usageOf(chunk);
  throw new UnreadableAnswerError('the provider reported an error', { error, usage });
}
