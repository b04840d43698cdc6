/**
 * Writes a stream of chat completion chunks.
 *
 *   start          → the role
 *   open, delta    → text, refusal, reasoning_content, tool calls (with an index of their own, from 0)
 *   attach         → the thought as a whole in reasoning_details, with what its provider has signed it with
 *   finish         → the finish reason
 *   end            → the usage chunk, if requested, and [DONE]
 *
 * The client gets nothing of what this dialect cannot express, and nothing when a block ends. A thought is kept until then,
 * since clients put pieces of such details together in ways of their own, or not at all.
 */
import type { ChatCompletionChunk, CompletionUsage } from '../../wire/chat-completion.ts';
import { DONE_EVENT, sseData } from '../../wire/sse.ts';
import type { Attachment, BlockHead, HubEvent, Usage } from '../hub.ts';
import { servedTier } from '../openai-tiers.ts';
import type { AnswerContext, StreamWriter } from '../types.ts';
import { writeThought } from './thoughts.ts';
import { answerId, finishReason, writeUsage } from './write-facts.ts';

type Choice = ChatCompletionChunk['choices'][number];
type Delta = Choice['delta'];

const NOTHING = Buffer.alloc(0);

export class ChunkWriter implements StreamWriter {
  #heldBytes = 0;
  readonly #context: AnswerContext;
  #id = '';
  #model: string;
  #usage: Usage | null = null;
  /** By block: the field that its pieces go to, the index of a tool call, or null for what is left out. */
  readonly #blocks: ('content' | 'refusal' | 'reasoning_content' | number | null)[] = [];
  /** Thoughts that are not closed, by block. */
  readonly #thoughts = new Map<number, string>();
  #calls = 0;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#model = context.model;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  write(event: HubEvent): Buffer {
    switch (event.type) {
      case 'start':
        this.#id = answerId(event.id, this.#context);
        this.#model = event.model ?? this.#model;
        return this.#piece({ role: 'assistant', content: '', refusal: null });
      case 'open':
        return this.#open(event.block, event.head);
      case 'delta':
        return this.#delta(event.block, event.text);
      case 'finish':
        return this.#chunk([{ index: 0, delta: {}, logprobs: null, finish_reason: finishReason(event.finish) }], null);
      case 'usage':
        this.#usage = event.usage;
        return NOTHING;
      case 'end':
        return this.#terminal();
      case 'attach':
        return this.#attach(event.block, event.attachment);
      case 'close':
        this.#heldBytes -= Buffer.byteLength(this.#thoughts.get(event.block) ?? '');
        this.#thoughts.delete(event.block);
        return NOTHING;
      default:
        return event satisfies never;
    }
  }

  #open(block: number, head: BlockHead): Buffer {
    if (head.type !== 'call' || head.by !== 'client') {
      this.#blocks[block] = fieldOf(head);
      if (head.type === 'reasoning') this.#thoughts.set(block, '');
      return NOTHING;
    }
    const index = this.#calls;
    this.#calls += 1;
    this.#blocks[block] = index;
    const called = { name: head.name, arguments: '' };
    return this.#piece({ tool_calls: [{ index, id: head.callId, type: 'function', function: called }] });
  }

  #delta(block: number, text: string): Buffer {
    const to = this.#blocks[block] ?? null;
    if (to === null || text === '') return NOTHING;
    const thought = to === 'reasoning_content' ? this.#thoughts.get(block) : undefined;
    if (thought !== undefined) {
      this.#thoughts.set(block, thought + text);
      this.#heldBytes += Buffer.byteLength(text);
    }
    return this.#piece(
      typeof to === 'number' ? { tool_calls: [{ index: to, function: { arguments: text } }] } : { [to]: text },
    );
  }

  #attach(block: number, attachment: Attachment): Buffer {
    const thought = this.#thoughts.get(block);
    const details = thought === undefined ? [] : writeThought(thought, block, attachment);
    return details.length === 0 ? NOTHING : this.#piece({ reasoning_details: details });
  }

  #terminal(): Buffer {
    if (!this.#context.includeUsage) return DONE_EVENT;
    return Buffer.concat([this.#chunk([], writeUsage(this.#usage)), DONE_EVENT]);
  }

  #piece(delta: Delta): Buffer {
    return this.#chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], null);
  }

  #chunk(choices: readonly Choice[], usage: CompletionUsage | null): Buffer {
    const chunk: ChatCompletionChunk = {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: this.#context.createdAt,
      model: this.#model,
      choices,
      ...(this.#context.includeUsage ? { usage } : {}),
      ...servedTier(this.#usage),
    };
    return sseData(JSON.stringify(chunk));
  }
}

function fieldOf({ type }: BlockHead): 'content' | 'refusal' | 'reasoning_content' | null {
  switch (type) {
    case 'text':
      return 'content';
    case 'refusal':
      return 'refusal';
    case 'reasoning':
      return 'reasoning_content';
    default:
      return null;
  }
}
