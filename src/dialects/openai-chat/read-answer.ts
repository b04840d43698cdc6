/** Reads a whole completion into the neutral form: its first choice, since behind another dialect one is asked for. */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { HubAnswer } from '../hub.ts';
import { AnswerInProgress } from '../hub-answer.ts';
import { finishOf, usageOf } from './facts.ts';
import { choicesOf } from './inspect.ts';
import { BlockReader } from './read-blocks.ts';

/** Throws `UnreadableAnswerError`; it holds the provider's error if the answer is one. */
export function readAnswer(completion: JsonRecord): HubAnswer {
  const [choice = {}] = choicesOf(completion);
  const reader = new BlockReader();
  reader.identify(completion);
  const answer = new AnswerInProgress();
  for (const event of reader.take(withIndexes(asRecord(choice.message) ?? {}))) answer.take(event);
  for (const event of reader.close()) answer.take(event);
  return {
    id: asString(completion.id) || null,
    model: asString(completion.model) || null,
    blocks: answer.answer.blocks,
    finish: finishOf(choice, reader.hasCalls),
    usage: usageOf(completion),
  };
}

/** The message as a delta: in a whole one the place of a call is its index. */
function withIndexes(message: JsonRecord): JsonRecord {
  const calls = asArray(message.tool_calls);
  return { ...message, tool_calls: calls.map((call, index) => ({ ...asRecord(call), index })) };
}
