/**
 * Writes a stream of message events.
 *
 *   start                  → message_start
 *   open, delta, attach    → content_block_start, content_block_delta; what a text or a call was signed with is a block beside it
 *   close                  → content_block_stop
 *   end                    → message_delta with the stop reason and all tokens, which may come after the finish,
 *                            and message_stop
 *
 * Here one block is open at a time, and in the neutral form there may be several. The others wait, in the order in which
 * they opened:
 *
 *   open 0  ───── pieces written as they come ───── close 0
 *              open 1  ── pieces wait ──────────────── all of them ── pieces written as they come ── close 1
 *
 * A text ends where the next block opens, whether it is closed or not: some dialects close nothing before the finish, and
 * clients would wait for all of it. Pieces of it that come all the same are a text of their own, behind the others.
 */
import type { AnswerEvent } from '../../wire/messages.ts';
import { isGoogleSignature, sealedSignature, signatureBehind, signedPartOf } from '../google-signatures.ts';
import type { BlockHead, Finish, HubEvent, Usage } from '../hub.ts';
import type { AnswerContext, StreamWriter } from '../types.ts';
import { isOfMessages, StreamBlock } from './stream-block.ts';
import { writeAnswer } from './write-answer.ts';
import { type SeenBlocks, seenWith, writeStop, writeUsage } from './write-facts.ts';

const NOTHING = Buffer.alloc(0);

export class MessageWriter implements StreamWriter {
  readonly #asked: Pick<AnswerContext, 'model' | 'requestId'>;
  #begun = false;
  readonly #blocks = new Map<number, StreamBlock>();
  /** Those that are not all written; the first is the one that clients see. */
  readonly #waiting = new Set<StreamBlock>();
  #heldBytes = 0;
  #written = 0;
  #seen: SeenBlocks = { hasCalls: false, hasRefusal: false };
  #finish: Finish | null = null;
  #usage: Usage | null = null;

  constructor(context: Pick<AnswerContext, 'model' | 'requestId'>) {
    this.#asked = context;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  write(event: HubEvent, next?: HubEvent): Buffer {
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'open':
        return this.#open(event.block, event.head, next);
      case 'delta':
        return this.#delta(event.block, event.text);
      case 'attach':
        return this.#attach(event);
      case 'close':
        return this.#close(event.block);
      case 'finish':
        this.#finish = event.finish;
        return NOTHING;
      case 'usage':
        this.#usage = event.usage;
        return NOTHING;
      case 'end':
        return this.#end();
      default:
        return event satisfies never;
    }
  }

  #start({ id, model }: Extract<HubEvent, { type: 'start' }>): Buffer {
    this.#begun = true;
    const message = writeAnswer({ id, model, blocks: [], finish: null, usage: null }, this.#asked);
    return encoded([{ type: 'message_start', message }]);
  }

  #open(block: number, head: BlockHead, next: HubEvent | undefined): Buffer {
    if (!isOfMessages(head)) return NOTHING;
    this.#seen = seenWith(this.#seen, head);
    const proof = head.type === 'call' ? signatureBehind(block, next) : null;
    if (proof !== null) this.#enqueueProof(sealedSignature('call', proof));
    this.#enqueue(block, head);
    return this.#advance();
  }

  /** A thought of which nothing is shown but what the part beside it was signed with. */
  #enqueueProof(data: string): void {
    const proof = new StreamBlock({ type: 'reasoning', form: 'hidden' });
    proof.prove(data);
    proof.isClosed = true;
    this.#waiting.add(proof);
    this.#heldBytes += proof.heldBytes;
  }

  #enqueue(block: number, head: BlockHead): StreamBlock {
    const made = new StreamBlock(head);
    this.#blocks.set(block, made);
    this.#waiting.add(made);
    this.#heldBytes += made.heldBytes;
    return made;
  }

  #delta(block: number, text: string): Buffer {
    const known = this.#blocks.get(block);
    if (known === undefined || text === '') return NOTHING;
    const taking = known.isWritten ? this.#enqueue(block, known.head) : known;
    return this.#changed(taking, () => taking.add(text));
  }

  /** Proof and source belong to what stands before them: nothing is left of them once that is written. */
  #attach({ block, attachment }: Extract<HubEvent, { type: 'attach' }>): Buffer {
    const known = this.#blocks.get(block);
    if (known === undefined || known.isWritten) return NOTHING;
    if (signedPartOf(known.head) === 'text' && isGoogleSignature(attachment)) {
      this.#enqueueProof(sealedSignature('text', attachment));
      return this.#advance();
    }
    return this.#changed(known, () => known.attach(attachment));
  }

  #changed(block: StreamBlock, change: () => void): Buffer {
    this.#heldBytes -= block.heldBytes;
    change();
    this.#heldBytes += block.heldBytes;
    return this.#advance();
  }

  #close(block: number): Buffer {
    const known = this.#blocks.get(block);
    if (known === undefined) return NOTHING;
    known.isClosed = true;
    this.#blocks.delete(block);
    return this.#advance();
  }

  /** Writes what may be written now. */
  #advance(): Buffer {
    const events: AnswerEvent[] = [];
    for (const first of this.#waiting) {
      this.#heldBytes -= first.heldBytes;
      if (first.flush(events, this.#written)) this.#written += 1;
      this.#heldBytes += first.heldBytes;
      if (!first.isClosed && !(first.endsWithNext && this.#waiting.size > 1)) break;
      this.#heldBytes -= first.heldBytes;
      first.stop(events);
      this.#waiting.delete(first);
    }
    return encoded(events);
  }

  /** Without a start, all but the terminal has been sent by somebody else. */
  #end(): Buffer {
    for (const block of this.#waiting) block.isClosed = true;
    const blocks = this.#advance();
    if (!this.#begun) return encoded([{ type: 'message_stop' }]);
    const delta = writeStop(this.#finish, this.#seen);
    const last = encoded([{ type: 'message_delta', delta, usage: writeUsage(this.#usage) }, { type: 'message_stop' }]);
    return Buffer.concat([blocks, last]);
  }
}

/** Clients of this dialect know an event by its `event:` line. */
function encoded(events: readonly AnswerEvent[]): Buffer {
  if (events.length === 0) return NOTHING;
  return Buffer.from(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}
