/** Streams of chunks as this dialect's reader takes them, for its tests. */
import { expect } from 'chai';
import type { HubAnswer, HubEvent } from '../../../../src/dialects/hub.ts';
import { AnswerInProgress } from '../../../../src/dialects/hub-answer.ts';
import { ChunkReader } from '../../../../src/dialects/openai-chat/read-stream.ts';
import { type SseEvent, SseSplitter, sseData } from '../../../../src/wire/sse.ts';

/** The events in these bytes, the last one even without its blank line. */
export function sseEvents(bytes: Buffer): SseEvent[] {
  const splitter = new SseSplitter();
  const events = splitter.push(bytes);
  const last = splitter.flush();
  return last === null ? events : [...events, last];
}

/** The bytes of `data:` events with these payloads: text unchanged, any other value as JSON. */
export function framed(payloads: readonly unknown[]): Buffer {
  const texts = payloads.map((payload) => (typeof payload === 'string' ? payload : JSON.stringify(payload)));
  return Buffer.concat(texts.map(sseData));
}

/** What a new reader makes of these bytes. */
export function readBytes(bytes: Buffer): HubEvent[] {
  const reader = new ChunkReader();
  return sseEvents(bytes).flatMap((event) => reader.push(event));
}

/** What a new reader makes of events with these payloads. */
export function readPayloads(...payloads: readonly unknown[]): HubEvent[] {
  return readBytes(framed(payloads));
}

/** A chunk whose one choice has this delta. */
export function chunk(delta: object, finish: string | null = null): object {
  return { id: 'c-1', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] };
}

export function collected(events: readonly HubEvent[]): HubAnswer {
  const answer = new AnswerInProgress();
  for (const event of events) answer.take(event);
  return answer.answer;
}

/** Checks the order that the neutral form promises to writers, of a stream that has ended. */
export function expectOrder(events: readonly HubEvent[]): void {
  expect(events[0]?.type).to.equal('start');
  expect(events.at(-1)?.type).to.equal('end');
  expect(events.filter(({ type }) => type === 'start' || type === 'end')).to.have.length(2);
  const open = new Set<number>();
  let blocks = 0;
  for (const event of events) {
    if (event.type === 'open') {
      expect(event.block).to.equal(blocks);
      blocks += 1;
      open.add(event.block);
    } else if ('block' in event) {
      expect(open.has(event.block), `${event.type} of ${event.block}`).to.equal(true);
      if (event.type === 'close') open.delete(event.block);
    } else if (event.type === 'finish' || event.type === 'end') {
      expect([...open], `open at ${event.type}`).to.deep.equal([]);
    }
  }
}
