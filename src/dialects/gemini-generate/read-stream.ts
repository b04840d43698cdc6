/**
 * Reads a stream of `streamGenerateContent?alt=sse` into the neutral form.
 *
 *   the first chunk               → start
 *   candidates[0].content.parts   → open, delta, attach, close (`read-parts.ts`)
 *   groundingMetadata, …          → attach to the open text, or a foreign block
 *   usageMetadata                 → usage
 *   finishReason, blockReason     → close, finish
 *
 * A stream has no terminal: it ends with its bytes, so no `end` is read. Of several candidates only the first is read: a
 * request that asks for more is refused. An error is an object in place of a chunk, with or without the form of an event.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { unreadableEvent } from '../event-payload.ts';
import type { HubEvent } from '../hub.ts';
import type { StreamReader } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { readErrorPayload } from './errors.ts';
import { blockedFinish, finishOf, usageOf } from './facts.ts';
import { PartReader } from './read-parts.ts';

const NOTHING: readonly HubEvent[] = [];

/** Fields of an answer: an object with none of them is of another form. */
const ownFields = ['candidates', 'promptFeedback', 'usageMetadata'] as const;

/** What a candidate says of its text as a whole, rather than in a part. */
const citationFields = ['citationMetadata', 'groundingMetadata', 'urlContextMetadata'] as const;

/** Reads one stream. */
export class GenerateReader implements StreamReader {
  readonly #parts = new PartReader();
  #begun = false;
  #sawOthers = false;
  #isFinished = false;
  /** Counts so far: some chunks leave out what has not changed. */
  #counted: JsonRecord = {};

  get isOtherForm(): boolean {
    return this.#sawOthers && !this.#begun;
  }

  push(event: SseEvent): readonly HubEvent[] {
    const { data } = event;
    if (data === null || data === '') {
      refuseBare(event);
      return NOTHING;
    }
    const parsed = parsePayload(data);
    // An error may come in an array, as that of a stream which was not asked for as events.
    const payload = asRecord(Array.isArray(parsed) ? parsed[0] : parsed);
    if (payload === null) throw unreadableEvent(data);
    return this.take(payload);
  }

  terminates(): boolean {
    return false;
  }

  /** The events of one chunk, or of a whole answer. */
  take(payload: JsonRecord): readonly HubEvent[] {
    refuse(payload);
    if (!ownFields.some((name) => payload[name] !== undefined)) {
      this.#sawOthers = true;
      if (!this.#begun && Array.isArray(payload.choices)) {
        throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
      }
      return NOTHING;
    }
    const candidate = asArray(payload.candidates).map(asRecord).find(isFirst) ?? {};
    return [
      ...this.#start(payload),
      ...asArray(asRecord(candidate.content)?.parts).flatMap((part) => this.#parts.part(asRecord(part) ?? {})),
      ...citationFields.flatMap((name) => this.#parts.citation(name, asRecord(candidate[name]))),
      ...this.#count(payload.usageMetadata),
      ...this.#finish(asString(candidate.finishReason), asString(asRecord(payload.promptFeedback)?.blockReason)),
    ];
  }

  #start({ responseId, modelVersion }: JsonRecord): readonly HubEvent[] {
    if (this.#begun) return NOTHING;
    this.#begun = true;
    this.#parts.answerId = asString(responseId);
    return [{ type: 'start', id: this.#parts.answerId, model: asString(modelVersion) }];
  }

  #count(value: unknown): readonly HubEvent[] {
    const given = asRecord(value);
    if (given === null) return NOTHING;
    this.#counted = { ...this.#counted, ...given };
    return [{ type: 'usage', usage: usageOf(this.#counted) }];
  }

  /** Some models repeat the reason, in a chunk of their last counts. */
  #finish(finishReason: string | null, blockReason: string | null): readonly HubEvent[] {
    if (this.#isFinished || !(finishReason || blockReason)) return NOTHING;
    this.#isFinished = true;
    const finish = finishReason ? finishOf(finishReason, this.#parts.hasCalls) : blockedFinish(blockReason ?? '');
    return [...this.#parts.close(), { type: 'finish', finish }];
  }
}

/** An index of 0 may be left out, as is everything that is 0 in protobuf's JSON. */
function isFirst(candidate: JsonRecord | null): candidate is JsonRecord {
  return candidate !== null && (candidate.index ?? 0) === 0;
}

function refuse(payload: JsonRecord): void {
  const error = readErrorPayload(payload);
  if (error !== null) throw new UnreadableAnswerError('the provider reported an error', { error });
}

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** What breaks a stream may follow it as bare JSON, which has no `data:`. */
function refuseBare({ raw }: SseEvent): void {
  const first = raw.find((byte) => byte > 0x20);
  if (first !== BRACE && first !== BRACKET) return;
  const parsed = parsePayload(raw.toString('utf8'));
  const payload = asRecord(Array.isArray(parsed) ? parsed[0] : parsed);
  if (payload !== null) refuse(payload);
}
