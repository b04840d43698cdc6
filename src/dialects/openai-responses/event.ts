/**
 * Reads an event of a stream that goes back as it is. The last event repeats the whole answer: of a large one only its
 * outer values are looked at.
 */
import { asRecord, asString, type JsonRecord, parseJson } from '../../shared/json.ts';
import { JsonDigest, LARGE_BYTES } from '../../wire/json-digest.ts';
import type { SseEvent } from '../../wire/sse.ts';

/** The object in an event's data; null if there is none. */
export function payloadIn(data: string): JsonRecord | null {
  if (data.length < LARGE_BYTES) return asRecord(parseJson(data));
  const bytes = Buffer.from(data);
  const digest = JsonDigest.of(bytes);
  return digest.isWhole ? asRecord(parseJson(digest.text(bytes))) : null;
}

/** What an event is; '' if it does not say. */
export function typeOf({ event }: SseEvent, payload: JsonRecord): string {
  return asString(payload.type) ?? event;
}

/** Whether it makes a stream whole. */
export function isLast(type: string): boolean {
  return type === 'response.completed' || type === 'response.incomplete';
}
