/** Reads a whole answer of `generateContent` into the neutral form: it is a stream of one chunk. */
import type { JsonRecord } from '../../shared/json.ts';
import type { HubAnswer } from '../hub.ts';
import { AnswerInProgress } from '../hub-answer.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { GenerateReader } from './read-stream.ts';

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. */
export function readAnswer(tree: JsonRecord): HubAnswer {
  const reader = new GenerateReader();
  const answer = new AnswerInProgress();
  for (const event of reader.take(tree)) answer.take(event);
  if (reader.isOtherForm) throw new UnreadableAnswerError('the answer has no candidates', { otherForm: true });
  return answer.answer;
}
