/**
 * Writes a stream of chat completion chunks.
 *
 *   start          → the role
 *   open, delta    → text, refusal, reasoning_content, tool calls (with an index of their own, from 0)
 *   finish         → the finish reason
 *   end            → the usage chunk, if requested, and [DONE]
 *
 * The client gets nothing of what this dialect cannot express, and nothing when a block ends.
 */
import type { ChatCompletionChunk, CompletionUsage } from '../../wire/chat-completion.ts';
import { DONE_EVENT, sseData } from '../../wire/sse.ts';
import type { BlockHead, HubEvent, Usage } from '../hub.ts';
import type { AnswerContext, StreamWriter } from '../types.ts';
import { answerId, finishReason, writeUsage } from './write-facts.ts';

type Choice = ChatCompletionChunk['choices'][number];
type Delta = Choice['delta'];

const NOTHING = Buffer.alloc(0);

export class ChunkWriter implements StreamWriter {
  readonly heldBytes = 0;
  readonly #context: AnswerContext;
  #id = '';
  #model: string;
  #usage: Usage | null = null;
  /** By block: the field that its pieces go to, the index of a tool call, or null for what is left out. */
  readonly #blocks: (keyof Delta | number | null)[] = [];
  #calls = 0;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#model = context.model;
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
      case 'close':
        return NOTHING;
      default:
        return event satisfies never;
    }
  }

  #open(block: number, head: BlockHead): Buffer {
    if (head.type !== 'call' || head.by !== 'client') {
      this.#blocks[block] = fieldOf(head);
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
    return this.#piece(
      typeof to === 'number' ? { tool_calls: [{ index: to, function: { arguments: text } }] } : { [to]: text },
    );
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
    };
    return sseData(JSON.stringify(chunk));
  }
}

function fieldOf({ type }: BlockHead): keyof Delta | null {
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
