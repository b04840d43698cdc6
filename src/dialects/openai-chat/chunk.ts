/**
 * Reads what an event of a stream is, before its choices are looked at: the same whether the stream goes back as it is
 * or is put into the neutral form.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { parseBounded } from '../../wire/bounded-json.ts';
import { splitCompletion } from '../../wire/split-completion.ts';
import type { SseEvent } from '../../wire/sse.ts';
import { UnreadableAnswerError, type UpstreamError } from '../upstream-error.ts';
import { bare, choiceError, readErrorPayload } from './errors.ts';

/** Whether it is the terminal. */
export function isDone({ data }: SseEvent): boolean {
  return data?.startsWith('[DONE]') ?? false;
}

/** The object in an event's data, as `parse` reads it; null if there is none. Gemini puts an error into an array. */
export function chunkIn(data: string, parse: (text: string) => unknown = parseBounded): JsonRecord | null {
  const payload = parse(data);
  return asRecord(Array.isArray(payload) ? payload[0] : payload);
}

/** The error that an event is; null if it is none. @param chunk the object in its data */
export function errorOf(event: SseEvent, chunk: JsonRecord | null): UpstreamError | null {
  const error = chunk === null ? null : readErrorPayload(chunk);
  if (error !== null) return error;
  if (event.event === 'error') return bare(null, asString(chunk?.message) ?? event.data ?? '');
  const groq = asString(asRecord(chunk?.x_groq)?.error);
  if (groq !== null) return bare(null, groq);
  return choiceError(asArray(chunk?.choices));
}

/**
 * The error of an event without data; null if it is none. llama.cpp reports one in a field of its own, `error: {…}`,
 * others as a text: no event to a client.
 */
export function fieldErrorOf({ raw }: SseEvent): UpstreamError | null {
  const text = /^error:([^\r\n]*)/m.exec(raw.toString('utf8'))?.[1]?.trim() ?? '';
  if (text === '') return null;
  const record = asRecord(parseBounded(text));
  return (record === null ? null : readErrorPayload({ error: record })) ?? bare(null, text);
}

/** Throws `UnreadableAnswerError` for what begins a stream of another dialect, which is waited for no longer. */
export function checkNoOther({ type }: JsonRecord): void {
  if (type === 'message_start' || type === 'response.created') {
    throw new UnreadableAnswerError('the stream is of another dialect', { otherForm: true });
  }
}

/** Whether it is a whole answer where a piece of one should be. Some send the message so far beside each piece. */
export function isCompletion({ choices }: JsonRecord): boolean {
  const first = asRecord(asArray(choices)[0]);
  return first !== null && first.delta === undefined && asRecord(first.message) !== null;
}

/** A whole answer as the chunks that a client reads. @param hasParts its pieces have come: the message is not repeated */
export function piecesOf(completion: JsonRecord, hasParts: boolean, includeUsage: boolean): JsonRecord[] {
  const choices = asArray(completion.choices).map((value) => {
    const { message, ...rest } = asRecord(value) ?? {};
    return hasParts ? rest : { ...rest, message };
  });
  return splitCompletion({ ...completion, choices }, includeUsage);
}
