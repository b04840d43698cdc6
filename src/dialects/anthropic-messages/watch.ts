/**
 * Reads a stream that goes back as it is. Each event's bytes are forwarded unchanged, pings too; only an end that the
 * provider left out is written.
 */
import { HubStream } from '../hub-stream.ts';
import type { AnswerContext, AnswerStream } from '../types.ts';
import { MessageReader } from './read-stream.ts';
import { MessageWriter } from './write-stream.ts';

/** The stream of one answer. */
export function watch(context: AnswerContext): AnswerStream {
  return new HubStream(new MessageReader(), new MessageWriter(context), true);
}
