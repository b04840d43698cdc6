/**
 * Writes what a user said in one content, and what tools gave back: first, since Gemini takes nothing between a call and its
 * answer, and one answer for each call. The name of the tool stands in it, which other dialects say at the call alone.
 */
import type { ContentPart, FunctionResponse, MediaPart } from '../../wire/generate-content.ts';
import { isText, joinedText } from '../block-texts.ts';
import { takesMediaOfTools } from '../gemini-models.ts';
import type { BlockHead, RequestBlock } from '../hub.ts';
import { unsupported } from '../refusal.ts';
import type { ToolIds } from '../tool-ids.ts';
import { mediaPart } from './write-media.ts';

type Result = Extract<BlockHead, { type: 'result' }>;

/** Of a result whose call is not in the conversation. */
const UNKNOWN_TOOL = 'unknown_tool';

/** The answer to one call, whose pieces may come apart. */
interface Answer {
  readonly id: string;
  readonly name: string;
  readonly texts: string[];
  readonly media: MediaPart[];
  isError: boolean;
}

/** Writes the parts of the turns of the user, for one request. */
export class UserParts {
  readonly #model: string;
  readonly #ids: ToolIds;
  readonly #names: ReadonlyMap<string, string>;
  readonly #dropped: Set<string>;
  /** By the id of the call, in the order in which they came. */
  readonly #answers = new Map<string, Answer>();
  readonly #said: ContentPart[] = [];

  /** @param ids of all calls of the request @param names of tools by the ids of their calls @param dropped gets the names of what is left out */
  constructor(model: string, ids: ToolIds, names: ReadonlyMap<string, string>, dropped: Set<string>) {
    this.#model = model;
    this.#ids = ids;
    this.#names = names;
    this.#dropped = dropped;
  }

  /** Throws `GatewayError` (400) that names what cannot be expressed. */
  take(block: RequestBlock): void {
    if (block.head.type === 'result') this.#answer(block.head);
    else this.#said.push(...this.#part(block));
  }

  /** All that was taken. */
  end(): readonly ContentPart[] {
    const answers = [...this.#answers.values()];
    const isWithin = takesMediaOfTools(this.#model);
    const beside = isWithin ? [] : answers.flatMap(({ media }) => media);
    return [...answers.map((answer) => ({ functionResponse: written(answer, isWithin) })), ...beside, ...this.#said];
  }

  #answer({ callId, name, content, isError }: Result): void {
    const id = this.#ids.ofResult(callId);
    const named = this.#names.get(id) ?? name ?? UNKNOWN_TOOL;
    const answer = this.#answers.get(id) ?? { id, name: named, texts: [], media: [], isError: false };
    this.#answers.set(id, answer);
    answer.isError ||= isError;
    const text = joinedText(content);
    if (text !== '') answer.texts.push(text);
    for (const block of content) {
      if (!isText(block)) answer.media.push(...this.#medium(block));
    }
  }

  #part(block: RequestBlock): ContentPart[] {
    if (isText(block)) return block.text === '' ? [] : [{ text: block.text }];
    return this.#medium(block);
  }

  #medium({ head, text, at }: RequestBlock): MediaPart[] {
    switch (head.type) {
      case 'media':
        return [mediaPart(head, text)];
      case 'file-id':
        throw unsupported(at, 'should be the file itself for this provider: it knows no such id');
      case 'foreign':
        if (head.refusal !== null) throw unsupported(at, head.refusal);
        this.#dropped.add(head.name);
        return [];
      default:
        throw unsupported(at, `should be no ${head.type} for this provider`);
    }
  }
}

function written({ id, name, texts, media, isError }: Answer, isWithin: boolean): FunctionResponse {
  const text = texts.join('\n');
  return {
    id,
    name,
    response: isError ? { error: text } : { output: text },
    ...(isWithin && media.length > 0 ? { parts: media } : {}),
  };
}
