/**
 * Writes the messages as Anthropic's system prompt and alternating turns. All system and developer messages, at any
 * position, become the one system prompt. Neighbouring messages of one role become one turn, with tool results first.
 */
import type { ContentBlock, MessageTurn } from '../../wire/messages.ts';
import type { Message } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { joinedText, writeBlocks } from './write-blocks.ts';

interface WrittenMessages {
  /** Null if there is no system or developer text. */
  readonly system: string | null;
  readonly turns: readonly MessageTurn[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeMessages(messages: readonly Message[]): WrittenMessages {
  const system: string[] = [];
  const turns: { role: MessageTurn['role']; content: ContentBlock[] }[] = [];
  for (const { role, blocks } of messages) {
    if (role === 'system' || role === 'developer') {
      system.push(joinedText(blocks));
      continue;
    }
    const content = writeBlocks(blocks, role);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  if (turns.length === 0)
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');

  const prompt = system.filter((text) => text !== '').join('\n');
  return { system: prompt === '' ? null : prompt, turns: turns.map(resultsFirst) };
}

/** Puts the tool results first in a turn, as Anthropic requires. */
function resultsFirst(turn: MessageTurn): MessageTurn {
  const isResult = (block: ContentBlock) => block.type === 'tool_result';
  if (!turn.content.some(isResult)) return turn;
  const others = turn.content.filter((block) => !isResult(block));
  return { role: turn.role, content: [...turn.content.filter(isResult), ...others] };
}
