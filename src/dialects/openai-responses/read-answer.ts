/** Reads a whole response into the neutral form. */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import type { HubAnswer } from '../hub.ts';
import { AnswerInProgress } from '../hub-answer.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { errorIn } from './errors.ts';
import { finishOf, reasonOf, usageOf } from './facts.ts';
import { OutputReader } from './read-output.ts';

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. */
export function readAnswer(response: JsonRecord): HubAnswer {
  const error = errorIn(response);
  if (error !== null) {
    throw new UnreadableAnswerError('the answer is an error inside a 200', { error, usage: usageOf(response) });
  }
  const { output } = response;
  if (!Array.isArray(output)) throw new UnreadableAnswerError('the answer has no output', { otherForm: true });
  const reader = new OutputReader();
  reader.id = asString(response.id) ?? '';
  const answer = new AnswerInProgress();
  for (const [place, item] of output.entries()) {
    for (const event of reader.done(place, asRecord(item) ?? {})) answer.take(event);
  }
  const reasoningDropped = droppedReasoningIn(response.input_transformations);
  return {
    ...(reasoningDropped.length === 0 ? {} : { reasoningDropped }),
    id: asString(response.id) || null,
    model: asString(response.model) || null,
    blocks: answer.answer.blocks,
    finish: finishOf(reasonOf(response), reader.hasCalls),
    usage: usageOf(response),
  };
}
