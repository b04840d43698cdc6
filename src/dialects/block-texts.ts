/** The blocks of a request, and their texts: what the model, or somebody else, says in words. A refusal is one of them. */
import type { Attachment, BlockHead, RequestBlock } from './hub.ts';

/** A block as it was read, without a mark for the cache. @param at where its text stands */
export function requestBlock(
  head: BlockHead,
  text: string,
  at: string,
  attached: readonly Attachment[] = [],
): RequestBlock {
  return { head, text, attached, at, cache: null };
}

/** Whether both of OpenAI's dialects have words for such a block of an answer. */
export function isSaidByOpenai(head: BlockHead): boolean {
  return ['text', 'refusal', 'reasoning'].includes(head.type) || (head.type === 'call' && head.by === 'client');
}

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
