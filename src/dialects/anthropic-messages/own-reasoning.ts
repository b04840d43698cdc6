/**
 * Thoughts in a history whose signatures bind them to a model and an organization. What another one has signed is refused
 * with a 400 (platform.claude.com/docs/en/build-with-claude/extended-thinking).
 */
import { asArray, asRecord } from '../../shared/json.ts';
import type { LighterHistory, OwnReasoning } from '../types.ts';

/** In a broker's message too, which quotes Anthropic's. */
const refusal = /\binvalid [`'"]?(?:signature|data)[`'"]? in [`'"]?(?:redacted_)?thinking[`'"]? block/i;

export const ownReasoning: OwnReasoning = {
  list: 'messages',
  isRefusedBy: ({ status, message }) => status === 400 && refusal.test(message),
  without,
  needsIt: (messages, thinking) => asRecord(thinking)?.type === 'enabled' && isWithinTools(messages),
};

/** A turn of thoughts alone goes, since none may be empty; turns of the same role that meet then are one to Anthropic. */
function without(messages: readonly unknown[]): LighterHistory | null {
  let blocks = 0;
  const list = messages.flatMap((message) => {
    const turn = asRecord(message);
    if (turn?.role !== 'assistant' || !Array.isArray(turn.content)) return [message];
    const content = turn.content.filter((block) => !isThought(block));
    if (content.length === turn.content.length) return [message];
    blocks += turn.content.length - content.length;
    return content.length === 0 ? [] : [{ ...turn, content }];
  });
  return blocks === 0 ? null : { list, blocks };
}

function isThought(block: unknown): boolean {
  const type = asRecord(block)?.type;
  return type === 'thinking' || type === 'redacted_thinking';
}

/** While a fixed budget of thinking is on, a turn whose tools are being answered must begin with its thoughts. */
function isWithinTools(messages: readonly unknown[]): boolean {
  const last = asRecord(messages.at(-1));
  return asArray(last?.content).some((block) => asRecord(block)?.type === 'tool_result');
}
