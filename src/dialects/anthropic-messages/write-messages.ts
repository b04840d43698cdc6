/**
 * Writes the messages as Anthropic's system prompt and alternating turns. All system and developer messages, at any
 * position, become the one system prompt. Neighbouring messages of one role become one turn: with tool results first, one
 * for each call, and with calls last.
 */
import type { ContentBlock, MessageTurn, ResultPart, TextBlock, ToolResultBlock } from '../../wire/messages.ts';
import { joinedText } from '../block-texts.ts';
import type { Message, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { systemTexts } from '../system-texts.ts';
import { callsLast, resultsFirst } from '../turn-order.ts';
import { isResult, isThought } from './turn-blocks.ts';
import { BlockWriter } from './write-blocks.ts';

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
      system.push(systemTexts(blocks, writer.dropped));
      continue;
    }
    const content = writer.content(blocks, role);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, content });
    // A call with each of them as an argument would overflow the stack.
    else for (const block of content) last.content.push(block);
  }
  if (turns.length === 0)
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');
  return {
    system: writeSystem(system, writer),
    turns: withoutLastBlanks(turns.map(ordered)),
    dropped: [...writer.dropped],
  };
}

/** One text, or blocks where one of them bears a cache mark. */
function writeSystem(prompts: readonly (readonly RequestBlock[])[], writer: BlockWriter): WrittenMessages['system'] {
  const blocks = prompts.flat();
  if (blocks.some(({ cache }) => cache !== null)) {
    const written = blocks.flatMap((block) => writer.text(block));
    return written.length === 0 ? null : written;
  }
  const prompt = prompts
    .map(joinedText)
    .filter((text) => text !== '')
    .join('\n');
  return prompt.trim() === '' ? null : prompt;
}

/** Anthropic refuses an answer to go on with that ends in blanks. */
function withoutLastBlanks(turns: readonly MessageTurn[]): readonly MessageTurn[] {
  const turn = turns.at(-1);
  const block = turn?.content.at(-1);
  if (turn?.role !== 'assistant' || block?.type !== 'text' || !/\s$/.test(block.text)) return turns;
  const content = [...turn.content.slice(0, -1), { ...block, text: block.text.trimEnd() }];
  return [...turns.slice(0, -1), { ...turn, content }];
}

/** A turn in the order that Anthropic requires. */
function ordered({ role, content }: MessageTurn): MessageTurn {
  const inOrder =
    role === 'assistant'
      ? callsLast(content, ({ type }) => type === 'tool_use', isThought)
      : resultsFirst(content, isResult, (result) => result.tool_use_id, joined);
  return { role, content: inOrder };
}

/** Some agents hand back what a tool gave in several pieces. Of their other fields, the last one's count. */
function joined(pieces: readonly [ToolResultBlock, ...ToolResultBlock[]]): ToolResultBlock {
  const [first, ...others] = pieces;
  if (others.length === 0) return first;
  const whole = { ...first, content: pieces.flatMap(({ content }) => partsOf(content)) };
  for (const { content: _, ...fields } of others) Object.assign(whole, fields);
  return whole;
}

function partsOf(content: ToolResultBlock['content']): readonly ResultPart[] {
  if (content === undefined || content === '') return [];
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}
