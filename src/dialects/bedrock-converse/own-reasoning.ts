/** Thoughts in a history whose signatures bind them to a model and an account of AWS. What another one has signed is refused. */
import { asArray, asRecord } from '../../shared/json.ts';
import type { LighterHistory, OwnReasoning } from '../types.ts';

/** Claude's words, behind "The model returned the following errors:". */
const refusal =
  /\binvalid [`'"]?(?:signature|data)[`'"]? in [`'"]?(?:redacted_)?thinking[`'"]? block|\breasoningContent\b.{0,80}\bsignature\b/i;

/** In `messages`. */
export const ownReasoning: OwnReasoning = {
  list: 'messages',
  isRefusedBy: ({ status, message }) => status === 400 && refusal.test(message),
  without,
};

/** A turn of thoughts alone goes, since none may be empty; the turns beside it, which are of one role then, become one. */
function without(messages: readonly unknown[]): LighterHistory | null {
  let blocks = 0;
  const list: unknown[] = [];
  for (const message of messages) {
    const turn = asRecord(message);
    const content = asArray(turn?.content);
    const left = content.filter((block) => asRecord(block)?.reasoningContent === undefined);
    blocks += content.length - left.length;
    if (content.length > 0 && left.length === 0) continue;
    const before = asRecord(list.at(-1));
    if (before === null || before.role !== turn?.role) list.push({ ...turn, content: left });
    else list[list.length - 1] = { ...before, content: [...asArray(before.content), ...left] };
  }
  return blocks === 0 ? null : { list, blocks };
}
