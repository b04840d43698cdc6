/**
 * Writes the blocks of messages. Blank texts are left out, because Bedrock refuses them. What cannot be expressed is refused
 * with its place if the answer would be another one without it, else left out and named.
 */
import type { CachePoint, ConverseBlock, ConversePart } from '../../wire/converse.ts';
import { ToolIds } from '../anthropic-messages/tool-ids.ts';
import { inputOf } from '../anthropic-messages/tool-input.ts';
import { isText } from '../block-texts.ts';
import { MESSAGES } from '../families.ts';
import type { CacheMark, RequestBlock } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import { takesCachePoints, takesSignatures, takesStatus } from './models.ts';
import { MediaWriter } from './write-media.ts';

/** A block, and the mark that stands behind it. */
export interface WrittenBlock<Block> {
  readonly block: Block;
  readonly point: CachePoint | null;
}

/** Of a call, in characters: Bedrock takes 64, and a number may have to stand behind it. */
const LONGEST_ID = 56;

/** Writes the blocks of one request; the methods throw `GatewayError` (400). */
export class BlockWriter {
  /** Names of what was left out. */
  readonly dropped = new Set<string>();
  readonly #model: string;
  readonly #ids = new ToolIds(LONGEST_ID);
  readonly #media = new MediaWriter();

  constructor(model: string) {
    this.#model = model;
  }

  /** The content of a turn. */
  content(blocks: readonly RequestBlock[]): WrittenBlock<ConverseBlock>[] {
    // They point into documents of a turn, by their places, which may not be the same here.
    if (blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'))) this.dropped.add('citations');
    return blocks.flatMap((block) => this.#block(block));
  }

  /** A text, if it has a character that is no blank: a mark cannot stand behind nothing. */
  text({ text, cache }: Pick<RequestBlock, 'text' | 'cache'>): WrittenBlock<{ readonly text: string }>[] {
    if (text.trim() !== '') return [{ block: { text }, point: this.point(cache) }];
    if (cache !== null) this.dropped.add(nameOf(cache));
    return [];
  }

  /** What stands behind a block that bears a mark; null where there is none, and where the model would refuse it. */
  point(cache: CacheMark | null): CachePoint | null {
    if (cache === null) return null;
    if (!takesCachePoints(this.#model)) {
      this.dropped.add(nameOf(cache));
      return null;
    }
    return { cachePoint: { type: 'default', ...(cache.ttl === null ? {} : { ttl: cache.ttl }) } };
  }

  #block(block: RequestBlock): WrittenBlock<ConverseBlock>[] {
    const { head, text, at, cache } = block;
    switch (head.type) {
      case 'call': {
        if (head.by === 'provider') throw unsupported(at, 'should be no call of a tool that a provider runs');
        const toolUse = { toolUseId: this.#ids.ofCall(head.callId), name: head.name, input: inputOf(text) };
        return [{ block: { toolUse }, point: this.point(cache) }];
      }
      case 'result':
        return [this.#result(head, cache)];
      case 'reasoning':
        return this.#thinking(block);
      default:
        return this.#part(block);
    }
  }

  /** Marks within it stand behind it: nothing else may stand in it but what the tool gave. */
  #result(
    { callId, content, isError }: Extract<RequestBlock['head'], { type: 'result' }>,
    cache: CacheMark | null,
  ): WrittenBlock<ConverseBlock> {
    const parts = content.flatMap((part) => this.#part(part));
    const status = isError && takesStatus(this.#model) ? { status: 'error' as const } : {};
    if (isError && !takesStatus(this.#model)) this.dropped.add('is_error');
    const toolResult = {
      toolUseId: this.#ids.ofResult(callId),
      content: parts.map(({ block }) => block),
      ...status,
    };
    return {
      block: { toolResult },
      point: this.point(cache) ?? parts.findLast(({ point }) => point !== null)?.point ?? null,
    };
  }

  /** What may stand in a tool's result too. */
  #part(block: RequestBlock): WrittenBlock<ConversePart>[] {
    const { head, text, at, cache } = block;
    if (isText(block)) return this.text(block);
    switch (head.type) {
      case 'media':
        return [{ block: this.#media.media(head, text, at), point: this.point(cache) }];
      case 'file-id':
        throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
      case 'foreign':
        if (head.refusal !== null) throw unsupported(at, head.refusal);
        this.dropped.add(head.name);
        return [];
      default:
        throw unsupported(at, `should be no ${head.type} for this provider`);
    }
  }

  /** Only what Claude has signed may go back to it. */
  #thinking({ text, attached }: RequestBlock): WrittenBlock<ConverseBlock>[] {
    const own = attached.find(({ type, of }) => of === MESSAGES && type !== 'citation');
    if (own === undefined || !takesSignatures(this.#model)) {
      this.dropped.add('reasoning');
      return [];
    }
    const reasoningContent =
      own.type === 'redacted' ? { redactedContent: own.data } : { reasoningText: { text, signature: own.data } };
    return [{ block: { reasoningContent }, point: null }];
  }
}

/** Under which a mark is named where it is left out. */
export function nameOf({ at = 'cache_control' }: CacheMark): string {
  return at;
}
