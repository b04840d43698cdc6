/**
 * A whole answer as the events of a stream, and back. The two are inverse: an `AnswerInProgress` that has taken all
 * `answerEvents` of an answer is that answer.
 */
import { LARGE_BYTES } from '../wire/json-digest.ts';
import type { AnswerFacts } from './answer-facts.ts';
import type { Attachment, Block, BlockHead, Finish, HubAnswer, HubEvent, Usage } from './hub.ts';
import { roughly, type Said, SaidSoFar } from './said.ts';

/** The events of an answer: each block in one piece. */
export function answerEvents({ id, model, blocks, finish, usage }: HubAnswer): HubEvent[] {
  return [
    { type: 'start', id, model },
    ...blocks.flatMap(blockEvents),
    ...(usage === null ? [] : [{ type: 'usage', usage } as const]),
    ...(finish === null ? [] : [{ type: 'finish', finish } as const]),
    { type: 'end' },
  ];
}

function blockEvents({ head, text, attached }: Block, block: number): HubEvent[] {
  return [
    { type: 'open', block, head },
    ...(text === '' ? [] : [{ type: 'delta', block, text } as const]),
    ...attached.map((attachment) => ({ type: 'attach', block, attachment }) as const),
    { type: 'close', block },
  ];
}

interface GrowingBlock {
  readonly head: BlockHead;
  text: string;
  readonly attached: Attachment[];
}

/** Puts an answer together, event by event. */
export class AnswerInProgress {
  #id: string | null = null;
  #model: string | null = null;
  readonly #blocks: GrowingBlock[] = [];
  #finish: Finish | null = null;
  #usage: Usage | null = null;

  take(event: HubEvent): void {
    switch (event.type) {
      case 'start':
        this.#id = event.id;
        this.#model = event.model;
        return;
      case 'open':
        this.#blocks[event.block] = { head: event.head, text: '', attached: [] };
        return;
      case 'delta': {
        const block = this.#blocks[event.block];
        if (block !== undefined) block.text += event.text;
        return;
      }
      case 'attach':
        this.#blocks[event.block]?.attached.push(event.attachment);
        return;
      case 'finish':
        this.#finish = event.finish;
        return;
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'close':
      case 'end':
        return;
      default:
        event satisfies never;
    }
  }

  /** As far as it has come. */
  get answer(): HubAnswer {
    const blocks: Block[] = this.#blocks.map((block) => ({ ...block, attached: [...block.attached] }));
    return { id: this.#id, model: this.#model, blocks, finish: this.#finish, usage: this.#usage };
  }
}

/** What the text of a block counts as; null for what no model writes. */
export function writtenKind({ type }: BlockHead): 'text' | 'reasoning' | null {
  if (type === 'reasoning') return 'reasoning';
  return type === 'text' || type === 'refusal' || type === 'call' ? 'text' : null;
}

/** How much a whole answer has said. @param bytes of its body: the texts of a large one are not here */
export function saidIn({ model, blocks }: HubAnswer, bytes: number): Said {
  if (bytes >= LARGE_BYTES) return roughly(model, bytes);
  const said = new SaidSoFar();
  said.named(model);
  for (const { head, text } of blocks) {
    const kind = writtenKind(head);
    if (kind !== null) said.addText(kind, text);
    if (head.type === 'call') said.addText('text', head.name);
  }
  return said.said;
}

/** What is known of a whole answer. */
export function factsOf({ blocks, finish, usage, reasoningDropped }: HubAnswer): AnswerFacts {
  const hasParts = blocks.some(({ head, text }) => head.type !== 'text' || text !== '');
  const facts = { hasParts, reason: finish?.raw ?? null, usage };
  return reasoningDropped === undefined ? facts : { ...facts, reasoningDropped };
}
