/**
 * Writes the blocks of messages. Empty texts and blanks alone are left out, because Anthropic refuses them. Texts of an assistant's that
 * follow each other become one, as Anthropic's own OpenAI layer does it, unless one of the message's blocks bears a cache
 * mark. What cannot be expressed is refused with its place if the answer would be another one without it, else left out and
 * named.
 */
import { asRecord } from '../../shared/json.ts';
import type { CacheControl, ContentBlock, ResultPart, TextBlock } from '../../wire/messages.ts';
import { isText, joinedText } from '../block-texts.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import { ToolIds } from '../tool-ids.ts';
import { inputOf } from '../tool-input.ts';
import { MESSAGES } from './facts.ts';

type Media = Extract<BlockHead, { type: 'media' }>;

const PDF = 'application/pdf';

/** Writes the blocks of one request; the methods throw `GatewayError` (400). */
export class BlockWriter {
  /** Names of what was left out. */
  readonly dropped = new Set<string>();
  readonly #ids = new ToolIds();

  /** The content of a turn. */
  content(blocks: readonly RequestBlock[], role: 'user' | 'assistant'): ContentBlock[] {
    // They point into documents of a turn, by their places, which may not be the same here.
    if (blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'))) this.dropped.add('citations');
    if (role === 'user' || blocks.some(({ cache }) => cache !== null)) {
      return blocks.flatMap((block) => this.#block(block));
    }
    const content: ContentBlock[] = [];
    let texts: RequestBlock[] = [];
    for (const block of blocks) {
      if (isText(block)) {
        texts.push(block);
        continue;
      }
      content.push(...this.#said(texts), ...this.#block(block));
      texts = [];
    }
    content.push(...this.#said(texts));
    return content;
  }

  /** A text, if it has a character that is no blank: a mark cannot stand on nothing. */
  text({ text, cache }: Pick<RequestBlock, 'text' | 'cache'>): TextBlock[] {
    if (text.trim() !== '') return [{ type: 'text', text, ...mark(cache) }];
    if (cache !== null) this.dropped.add(cache.at ?? 'cache_control');
    return [];
  }

  /** Texts that follow each other. */
  #said(texts: readonly RequestBlock[]): TextBlock[] {
    return this.text({ text: joinedText(texts), cache: null });
  }

  #block(block: RequestBlock): ContentBlock[] {
    const { head, text, at, cache } = block;
    switch (head.type) {
      case 'call': {
        if (head.by === 'provider') throw unsupported(at, 'should be no call of a tool that a provider runs');
        return [
          {
            type: 'tool_use',
            id: this.#ids.ofCall(head.callId),
            name: head.name,
            input: inputOf(text),
            ...mark(cache),
          },
        ];
      }
      case 'result': {
        const { callId, content: blocks, isError } = head;
        const content = blocks.flatMap((part) => this.#part(part));
        return [
          {
            type: 'tool_result',
            tool_use_id: this.#ids.ofResult(callId),
            ...shortened(content),
            ...(isError ? { is_error: true } : {}),
            ...mark(cache),
          },
        ];
      }
      case 'reasoning':
        return this.#thinking(block);
      default:
        return this.#part(block);
    }
  }

  /** What may stand in a tool's result too. */
  #part({ head, text, at, cache }: RequestBlock): ResultPart[] {
    switch (head.type) {
      case 'text':
      case 'refusal':
        return this.text({ text, cache });
      case 'media':
        return [{ ...media(head, text, at), ...mark(cache) }];
      case 'file-id':
        throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
      case 'foreign': {
        const own = head.of === MESSAGES ? asRecord(head.value) : null;
        // As it was sent to us: of a kind that the type does not list.
        if (own !== null) return [own as unknown as ResultPart];
        if (head.refusal !== null) throw unsupported(at, head.refusal);
        this.dropped.add(head.name);
        return [];
      }
      default:
        throw unsupported(at, `should be no ${head.type} for this provider`);
    }
  }

  /** Only what Anthropic has signed may go back to it. */
  #thinking({ text: thinking, attached }: RequestBlock): ContentBlock[] {
    const own = attached.find(({ type, of }) => of === MESSAGES && type !== 'citation');
    if (own?.type === 'signature') return [{ type: 'thinking', thinking, signature: own.data }];
    if (own?.type === 'redacted') return [{ type: 'redacted_thinking', data: own.data }];
    this.dropped.add('reasoning');
    return [];
  }
}

/** The field that marks a block or a tool for the cache. */
export function mark(cache: RequestBlock['cache']): { readonly cache_control?: CacheControl } {
  if (cache === null) return {};
  return { cache_control: { type: 'ephemeral', ...(cache.ttl === null ? {} : { ttl: cache.ttl }) } };
}

/** A file that is an image is sent as one, all others as documents. */
function media({ kind, mediaType, name, from }: Media, text: string, at: string): ResultPart {
  const isImage = kind === 'image' || (kind === 'file' && mediaType?.startsWith('image/') === true);
  if (!isImage && kind !== 'file') throw unsupported(at, 'should be an image or a document for this provider');
  const title = isImage || name === null ? {} : { title: name };
  const type = isImage ? 'image' : 'document';
  if (from === 'url') return { type, source: { type: 'url', url: text }, ...title };
  const media_type = mediaType ?? (isImage ? 'image/png' : PDF);
  if (!isImage && media_type !== PDF) {
    throw unsupported(at, 'should be a PDF or an image for this provider: send what a text file holds as a text');
  }
  return { type, source: { type: 'base64', media_type, data: text }, ...title };
}

/** A result that is one text is that text. */
function shortened(content: readonly ResultPart[]): { readonly content?: string | readonly ResultPart[] } {
  const [first, ...others] = content;
  if (first === undefined) return {};
  const isPlain = others.length === 0 && first.type === 'text' && first.cache_control === undefined;
  return { content: isPlain ? first.text : content };
}
