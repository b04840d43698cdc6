/** What dialects do alike with the data of an event, where its stream goes back as it is. */
import { asRecord, type JsonRecord, parseJson } from '../shared/json.ts';
import { MOST_OF_A_TREE } from '../wire/bounded-json.ts';
import { JsonDigest, LARGE_BYTES } from '../wire/json-digest.ts';
import { UnreadableAnswerError } from './upstream-error.ts';

/**
 * The object in an event's data; null if there is none. Of a large one only the outer values: it is large for an image, or
 * because it repeats the whole answer.
 */
export function outerValuesIn(data: string): JsonRecord | null {
  if (data.length < LARGE_BYTES) return asRecord(parseJson(data));
  const bytes = Buffer.from(data);
  const digest = JsonDigest.of(bytes);
  return digest.isWhole ? asRecord(parseJson(digest.text(bytes))) : null;
}

/**
 * The error for data in which no object was found. JSON of which only the tree would be too large is nothing broken: a
 * client can order it, as with the likelihoods of every token.
 */
export function unreadableEvent(data: string): UnreadableAnswerError {
  const otherForm = data.length > MOST_OF_A_TREE && JsonDigest.of(Buffer.from(data)).isWhole;
  return new UnreadableAnswerError('an event of the stream is not a JSON object', { otherForm });
}
