/** Reads a whole message into the neutral form. */

import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import { asExactRecord } from '../../wire/exact-json.ts';
import { droppedReasoningIn } from '../dropped-reasoning.ts';
import type { Block, HubAnswer } from '../hub.ts';
import { UnreadableAnswerError } from '../upstream-error.ts';
import { readErrorPayload } from './errors.ts';
import { finishOf, usageOf } from './facts.ts';
import { attachments, headOf, textIn } from './read-block.ts';

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. */
export function readAnswer(message: JsonRecord): HubAnswer {
  const error = readErrorPayload(message);
  if (error !== null) throw new UnreadableAnswerError('the answer is an error inside a 200', { error });
  if (!Array.isArray(message.content)) {
    throw new UnreadableAnswerError('the answer has no content', { otherForm: true });
  }
  const reasoningDropped = droppedReasoningIn(message.input_transformations);
  return {
    ...(reasoningDropped.length === 0 ? {} : { reasoningDropped }),
    id: asString(message.id),
    model: asString(message.model),
    blocks: message.content.flatMap(readBlock),
    finish: finishOf(message.stop_reason, message.stop_sequence),
    usage: usageOf(message.usage),
  };
}

function readBlock(value: unknown): Block[] {
  const block = asRecord(value);
  if (block === null) return [];
  const head = headOf(block);
  const text = head.type === 'call' ? JSON.stringify(asExactRecord(block.input) ?? {}) : textIn(block);
  const citations = asArray(block.citations).map(attachments.citation);
  return [{ head, text, attached: [...attachments.of(block), ...citations] }];
}
