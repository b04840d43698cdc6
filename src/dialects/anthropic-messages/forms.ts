/**
 * A whole message as the events of a stream, and back: for a client that asked for the one and whose provider answers in
 * the other. Both go through the neutral form, which has the blocks, the stop reason and the token counts of a message,
 * but not what stands beside them.
 */
import { asRecord, parseJson } from '../../shared/json.ts';
import { parsePayload } from '../../wire/exact-json.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { AnswerInProgress, answerEvents } from '../hub-answer.ts';
import type { AnswerCollector, AnswerContext, SplitAnswer } from '../types.ts';
import { readAnswer } from './read-answer.ts';
import { MessageReader } from './read-stream.ts';
import { writeAnswer } from './write-answer.ts';
import { MessageWriter } from './write-stream.ts';

/** The events of a message that has been read. */
export function split(body: Buffer, context: AnswerContext): SplitAnswer {
  const message = asRecord(parsePayload(body.toString('utf8'), parseJson)) ?? {};
  const writer = new MessageWriter(context);
  const written = answerEvents(readAnswer(message)).map((event) => writer.write(event));
  const terminal = written.pop() ?? Buffer.alloc(0);
  return { events: Buffer.concat(written), terminal };
}

/** The message of events, which have been read once before. */
export class MessageCollector implements AnswerCollector {
  readonly #reader = new MessageReader();
  readonly #answer = new AnswerInProgress();

  push(event: SseEvent): void {
    if (event.data === null || event.data === '') return;
    for (const each of this.#reader.push(event)) this.#answer.take(each);
  }

  body(): Buffer {
    return Buffer.from(JSON.stringify(writeAnswer(this.#answer.answer, { model: '', requestId: '' })));
  }
}
