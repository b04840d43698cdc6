/**
 * Writes the messages as Bedrock's system prompt and alternating turns. All system and developer messages, at any position,
 * become the one system prompt. Neighbouring messages of one role become one turn: with tool results first, one for each
 * call, and with calls last.
 */
import type { CachePoint, ConverseBlock, ConverseRequest, ConverseResult, ConverseTurn } from '../../wire/converse.ts';
import type { CacheMark, Message } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { systemTexts } from '../system-texts.ts';
import { callsLast, resultsFirst } from '../turn-order.ts';
import { BlockWriter, type WrittenBlock } from './write-blocks.ts';

type Block = WrittenBlock<ConverseBlock>;
type Result = WrittenBlock<ConverseResult>;

interface Turn {
  readonly role: ConverseTurn['role'];
  readonly content: Block[];
}

interface WrittenMessages {
  readonly fields: Pick<ConverseRequest, 'system' | 'messages'>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. @param mark of the whole conversation; null for none */
export function writeMessages(messages: readonly Message[], model: string, mark: CacheMark | null): WrittenMessages {
  const writer = new BlockWriter(model);
  const system: WrittenBlock<{ readonly text: string }>[] = [];
  const turns: Turn[] = [];
  for (const { role, blocks } of messages) {
    if (role === 'system' || role === 'developer') {
      for (const block of systemTexts(blocks, writer.dropped)) system.push(...writer.text(block));
      continue;
    }
    const content = writer.content(blocks);
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role !== role) turns.push({ role, content });
    // A call with each of them as an argument would overflow the stack.
    else for (const block of content) last.content.push(block);
  }
  if (turns.length === 0) {
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');
  }
  const point = writer.point(mark);
  const written = turns.map(({ role, content }, index): ConverseTurn => {
    const isLast = index === turns.length - 1;
    const inOrder = ordered({ role, content });
    const blocks = withPoints(isLast ? withoutLastBlanks(role, inOrder) : inOrder);
    return { role, content: isLast && point !== null ? [...blocks, point] : blocks };
  });
  return {
    fields: { ...(system.length === 0 ? {} : { system: withPoints(system) }), messages: written },
    dropped: [...writer.dropped],
  };
}

/** Each mark behind the block that bears it. */
function withPoints<Kind>(blocks: readonly WrittenBlock<Kind>[]): (Kind | CachePoint)[] {
  return blocks.flatMap(({ block, point }) => (point === null ? [block] : [block, point]));
}

/** An answer to go on with must not end in blanks. */
function withoutLastBlanks(role: Turn['role'], content: readonly Block[]): readonly Block[] {
  const last = content.at(-1);
  if (role !== 'assistant' || last === undefined || !('text' in last.block) || !/\s$/.test(last.block.text)) {
    return content;
  }
  return [...content.slice(0, -1), { ...last, block: { text: last.block.text.trimEnd() } }];
}

/** A turn in the order that Claude's models require; others take it too. */
function ordered({ role, content }: Turn): readonly Block[] {
  if (role === 'assistant') return callsLast(content, isCall, isThought);
  return resultsFirst(content, isResult, ({ block }) => block.toolResult.toolUseId, joined);
}

function isCall({ block }: Block): boolean {
  return 'toolUse' in block;
}

function isThought({ block }: Block): boolean {
  return 'reasoningContent' in block;
}

function isResult(written: Block): written is Result {
  return 'toolResult' in written.block;
}

/** Some agents hand back what a tool gave in several pieces. It has failed if one of them says so. */
function joined(pieces: readonly [Result, ...Result[]]): Result {
  const [first, ...others] = pieces;
  if (others.length === 0) return first;
  const toolResult = Object.assign({}, ...pieces.map(({ block }) => block.toolResult), {
    content: pieces.flatMap(({ block }) => block.toolResult.content),
  });
  return { block: { toolResult }, point: pieces.findLast(({ point }) => point !== null)?.point ?? null };
}
