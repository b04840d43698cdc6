/** What a block of a turn is. */
import type { ContentBlock, ToolResultBlock } from '../../wire/messages.ts';

/** Shown or not. */
export function isThought({ type }: ContentBlock): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** What a tool gave. */
export function isResult(block: ContentBlock): block is ToolResultBlock {
  return block.type === 'tool_result';
}
