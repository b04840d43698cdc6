/**
 * Writes the messages as Anthropic's system prompt and alternating turns. All system and developer messages, at any
 * position, become the one system prompt. Neighbouring messages of one role become one turn, with tool results first.
 */
import type { ContentBlock, MessageTurn, TextBlock } from '../../wire/messages.ts';
import { joinedText } from '../block-texts.ts';
import type { Message, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { BlockWriter, textBlocks } from './write-blocks.ts';

interface WrittenMessages {
  /** Null if there is no system or developer text. */
  readonly system: string | readonly TextBlock[] | null;
  readonly turns: readonly MessageTurn[];
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeMessages(messages: readonly Message[]): WrittenMessages {
  const writer = new BlockWriter();
  const system: (readonly RequestBlock[])[] = [];
  const turns: { role: MessageTurn['role']; content: ContentBlock[] }[] = [];
  for (const { role, blocks } of messages) {
    if (role === 'system' || role === 'developer') {
      system.push(blocks);
      continue;
    }
    const content = writer.content(blocks, role);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  if (turns.length === 0)
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');
  return { system: writeSystem(system), turns: turns.map(resultsFirst), dropped: [...writer.dropped] };
}

/** One text, or blocks where one of them bears a cache mark. */
function writeSystem(prompts: readonly (readonly RequestBlock[])[]): WrittenMessages['system'] {
  const blocks = prompts.flat();
  if (blocks.some(({ cache }) => cache !== null)) return blocks.flatMap(({ text, cache }) => textBlocks(text, cache));
  const prompt = prompts
    .map(joinedText)
    .filter((text) => text !== '')
    .join('\n');
  return prompt === '' ? null : prompt;
}

/** Puts the tool results first in a turn, as Anthropic requires. */
function resultsFirst(turn: MessageTurn): MessageTurn {
  const isResult = (block: ContentBlock) => block.type === 'tool_result';
  if (!turn.content.some(isResult)) return turn;
  const others = turn.content.filter((block) => !isResult(block));
  return { role: turn.role, content: [...turn.content.filter(isResult), ...others] };
}
