/** The texts of a request's blocks: what the model, or somebody else, says in words. A refusal is one of them. */
import type { RequestBlock } from './hub.ts';

/** Whether a block is a text. */
export function isText({ head: { type } }: RequestBlock): boolean {
  return type === 'text' || type === 'refusal';
}

/** The texts among the blocks in one, with LF between them; empty ones are left out. */
export function joinedText(blocks: readonly RequestBlock[]): string {
  return blocks
    .filter((block) => isText(block) && block.text !== '')
    .map(({ text }) => text)
    .join('\n');
}
