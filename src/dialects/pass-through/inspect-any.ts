/**
 * Reads a whole answer that may be anything: a transcript as text or subtitles, audio. It goes back as it came, with its
 * media type. JSON is looked at for an error and for token counts; a page is no answer.
 */
import { asRecord, parseJson } from '../../shared/json.ts';
import { JsonDigest } from '../../wire/json-digest.ts';
import type { ReadAnswer } from '../types.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { checkNoError } from './errors.ts';
import { tokensOf } from './facts.ts';
import type { PlainApi } from './plain-api.ts';

const json = /^application\/(?:[\w.-]+\+)?json\b/i;
const page = /^(?:text\/html|application\/xhtml\+xml)\b/i;

/**
 * Reads a 200. Throws `UnreadableAnswerError`, with the provider's error where the body is one all the same.
 *
 * @param arrived the digest of a large body, if it was made while the body came
 */
export function inspectAny(
  output: PlainApi['output'],
  body: Buffer,
  arrived: JsonDigest | null,
  mediaType: string,
): ReadAnswer {
  if (page.test(mediaType)) throw new UnreadableAnswerError('the answer is a page', { otherForm: true });
  const value = json.test(mediaType) ? readJson(body, arrived) : null;
  const payload = asRecord(value);
  if (payload !== null) checkNoError(payload);
  return {
    body,
    mediaType: mediaType === '' ? 'application/octet-stream' : mediaType,
    facts: { hasParts: body.length > 0, reason: null, usage: payload === null ? null : tokensOf(payload, output) },
  };
}

function readJson(body: Buffer, arrived: JsonDigest | null): unknown {
  const digest = JsonDigest.ofLarge(body, arrived);
  if (digest !== null && !digest.isWhole) throw new UnreadableAnswerError('the answer is no JSON object');
  const value = parseJson(digest === null ? body.toString('utf8') : digest.text(body));
  if (value === undefined) throw new UnreadableAnswerError('the answer is not JSON');
  return value;
}
