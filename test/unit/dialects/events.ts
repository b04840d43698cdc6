/** Events as a splitter returns them, for tests of streamed answers. */
import type { AnswerStream, StreamStep } from '../../../src/dialects/types.ts';
import { type SseEvent, SseSplitter } from '../../../src/wire/sse.ts';

/** The only event in these bytes. */
export function eventOf(text: string): SseEvent {
  const splitter = new SseSplitter();
  const event = splitter.push(Buffer.from(text))[0] ?? splitter.flush();
  if (event === null || event === undefined) throw new TypeError('no event in these bytes');
  return event;
}

/** A `data:` event with this payload: text unchanged, any other value as JSON. */
export function dataOf(payload: unknown): SseEvent {
  return eventOf(`data: ${typeof payload === 'string' ? payload : JSON.stringify(payload)}\n\n`);
}

/** The same under the name that stands in its `type`. */
export function typedOf(payload: object): SseEvent {
  const name = 'type' in payload ? String(payload.type) : '';
  return eventOf(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
}

/** The steps that the payloads produce, in order. */
export function stepsOf(answer: AnswerStream, ...payloads: readonly unknown[]): StreamStep[] {
  return payloads.map((payload) => answer.push(dataOf(payload)));
}

/** The payload of each event in a step's bytes, parsed if it is JSON. */
export function payloadsOf(...steps: readonly StreamStep[]): unknown[] {
  const events = new SseSplitter().push(Buffer.concat(steps.map(({ bytes }) => bytes)));
  return events.map(({ data }) => (data === null || data === '[DONE]' ? data : JSON.parse(data)));
}
