/**
 * What of a system or developer message every dialect has words for: its texts. Another block is refused with its place, or
 * left out and named where it may be, and never lost in silence.
 */
import { isText } from './block-texts.ts';
import type { RequestBlock } from './hub.ts';
import { unsupported } from './refusal.ts';

/** Throws `GatewayError` (400) that names the block. @param dropped gets the names of what is left out */
export function systemTexts(blocks: readonly RequestBlock[], dropped: Set<string>): readonly RequestBlock[] {
  return blocks.every(isText) ? blocks : blocks.filter((block) => isText(block) || !isLeftOut(block, dropped));
}

function isLeftOut({ head, at }: RequestBlock, dropped: Set<string>): true {
  if (head.type !== 'foreign' || head.refusal !== null) {
    throw unsupported(at, 'should be a text for this provider: it takes nothing else from the system');
  }
  dropped.add(head.name);
  return true;
}
