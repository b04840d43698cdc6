/**
 * What a translated answer loses: parts of it that the client's dialect has no words for. An answer cannot be refused for
 * them, since it is paid; so they are counted.
 */
import type { AnswerLoss } from '../shared/events.ts';
import type { Attachment, Block, BlockHead } from './hub.ts';

/** Whether a dialect has words for a part of an answer. */
type Says = (part: BlockHead | Attachment) => boolean;

/** What is lost with a part that a dialect has no words for; null for one that every dialect has. */
function lossOf(part: BlockHead | Attachment): AnswerLoss | null {
  switch (part.type) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return null;
    case 'call':
    case 'result':
      return 'tool';
    case 'media':
    case 'file-id':
      return 'media';
    case 'citation':
      return 'citation';
    case 'signature':
    case 'redacted':
      return 'reasoning_proof';
    case 'foreign':
      return 'other';
    default:
      return part satisfies never;
  }
}

/** Notes what is lost of one answer, each kind once. */
export class LostParts {
  readonly #says: Says;
  #kinds: readonly AnswerLoss[] | undefined;

  constructor(says: Says) {
    this.#says = says;
  }

  look(part: BlockHead | Attachment): void {
    if (this.#says(part)) return;
    const loss = lossOf(part);
    if (loss !== null && this.#kinds?.includes(loss) !== true) this.#kinds = [...(this.#kinds ?? []), loss];
  }

  /** Undefined if nothing is. */
  get kinds(): readonly AnswerLoss[] | undefined {
    return this.#kinds;
  }
}

/** What is lost of a whole answer; undefined if nothing is. */
export function lostOf(blocks: readonly Block[], says: Says): readonly AnswerLoss[] | undefined {
  const lost = new LostParts(says);
  for (const { head, attached } of blocks) {
    lost.look(head);
    for (const each of attached) lost.look(each);
  }
  return lost.kinds;
}
