/** Reads what an event of a stream is. */
import { asString, type JsonRecord } from '../../shared/json.ts';
import type { SseEvent } from '../../wire/sse.ts';

/** What an event is; '' if it does not say. */
export function typeOf({ event }: SseEvent, payload: JsonRecord): string {
  return asString(payload.type) ?? event;
}

/** Whether it makes a stream whole. */
export function isLast(type: string): boolean {
  return type === 'response.completed' || type === 'response.incomplete';
}

/** Whether it says nothing but that its sender is alive. */
export function isSignOfLife(type: string): boolean {
  return type === 'keepalive';
}
