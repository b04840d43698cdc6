/**
 * A whole chat completion as the chunks of a stream: for each choice its message in one piece and its finish reason, then
 * the usage. The inverse of `collect-chunks.ts`. Pure; fields that are not known here are carried along.
 */
import { asArray, asRecord, type JsonRecord } from '../shared/json.ts';

/** The chunks, in order, without the stream's terminal. */
export function splitCompletion(completion: JsonRecord, includeUsage: boolean): JsonRecord[] {
  const { choices, usage, ...rest } = completion;
  const usageSoFar = includeUsage ? { usage: null } : {};
  const chunk = (parts: JsonRecord): JsonRecord => ({ ...rest, object: 'chat.completion.chunk', ...parts });
  const chunks = asArray(choices).flatMap((value) => {
    const { message, finish_reason: finishReason = null, index = 0, ...ofChoice } = asRecord(value) ?? {};
    const delta = deltaOf(asRecord(message) ?? {});
    return [
      chunk({ choices: [{ index, delta, ...ofChoice, finish_reason: null }], ...usageSoFar }),
      chunk({ choices: [{ index, delta: {}, finish_reason: finishReason }], ...usageSoFar }),
    ];
  });
  if (includeUsage && asRecord(usage) !== null) chunks.push(chunk({ choices: [], usage }));
  return chunks;
}

/** Pieces of a tool call belong together by an index, which a whole message does not have. */
function deltaOf(message: JsonRecord): JsonRecord {
  const calls = asArray(message.tool_calls);
  if (calls.length === 0) return message;
  return { ...message, tool_calls: calls.map((call, index) => ({ index, ...asRecord(call) })) };
}
