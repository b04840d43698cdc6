/** Writes a whole answer as a response, as the last event of its stream would hold it. */
import type { ResponseObject } from '../../wire/responses.ts';
import { isSaidByOpenai } from '../block-texts.ts';
import type { Attachment, BlockHead, HubAnswer } from '../hub.ts';
import { answerEvents } from '../hub-answer.ts';
import type { AnswerContext } from '../types.ts';
import { keptTools } from './kept.ts';
import { ResponseOutput } from './output.ts';
import { endOf, frameOf, idPart, responseOf } from './response.ts';
import { sealed } from './sealed-thought.ts';

/** A response object of OpenAI's form. */
export function writeAnswer(answer: HubAnswer, context: AnswerContext): ResponseObject {
  const output = new ResponseOutput(idPart(context.requestId), keptTools(context.asked));
  for (const event of answerEvents(answer)) output.take(event);
  const end = endOf(answer.finish);
  output.end(end.status === 'incomplete');
  return responseOf(frameOf(context, answer.model), { ...end, output: output.items, usage: answer.usage });
}

/** Whether this dialect has words for a part of an answer, as the output has it. */
export function says(part: BlockHead | Attachment): boolean {
  if ('data' in part) return sealed(part) !== null;
  return isSaidByOpenai(part);
}
