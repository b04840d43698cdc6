/**
 * Writes the messages as instructions and items of the input.
 *
 *   system, if it is the first      → `instructions`; later ones, and developer's: messages where they stand
 *   texts, media                    → a message; one text alone is its content
 *   a call, what a tool gave back   → items between them, in their order
 *   a thought                       → an item, if OpenAI has encrypted it
 *
 * What this dialect has no words for is refused with its place if the answer would be another one without it. Else it is
 * left out and named: what another provider's model thought, and where its texts come from.
 */
import type { InputItem, SaidPart } from '../../wire/responses-request.ts';
import { isText, joinedText } from '../block-texts.ts';
import { isEncrypted } from '../encrypted-thought.ts';
import type { BlockHead, Message, RequestBlock } from '../hub.ts';
import { invalidValue, unsupported } from '../refusal.ts';
import { systemTexts } from '../system-texts.ts';
import { takenName } from '../tool-names.ts';
import { writeContent } from './write-parts.ts';

interface WrittenInput {
  /** Null if there are none. */
  readonly instructions: string | null;
  readonly input: readonly InputItem[];
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** Of the id of a call: OpenAI refuses longer ones. */
const LONGEST_ID = 64;

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeInput(messages: readonly Message[]): WrittenInput {
  const [first, ...others] = messages;
  // A request of instructions alone is refused.
  const isPrompt = first?.role === 'system' && others.length > 0;
  const writer = new InputWriter();
  const prompt = isPrompt ? joinedText(systemTexts(first.blocks, writer.dropped)) : '';
  const input = (isPrompt ? others : messages).flatMap((message) => writer.items(message));
  if (input.length === 0) throw invalidValue('messages', 'should hold at least one message with content');
  return { instructions: prompt === '' ? null : prompt, input, dropped: [...writer.dropped] };
}

class InputWriter {
  readonly dropped = new Set<string>();

  /** Blocks that are said one after the other are one message. */
  items({ role, blocks }: Message): InputItem[] {
    this.#noteSources(blocks);
    const items: InputItem[] = [];
    let said: RequestBlock[] = [];
    const end = () => {
      items.push(...(role === 'assistant' ? assistant(said) : this.#message(role, said)));
      said = [];
    };
    for (const block of blocks) {
      const item = this.#item(block);
      if (item === 'said') said.push(block);
      else if (item !== null) {
        end();
        items.push(item);
      }
    }
    end();
    return items;
  }

  /** `said`: it is part of a message; null: it is left out. */
  #item({ head, text, attached }: RequestBlock): InputItem | 'said' | null {
    switch (head.type) {
      case 'call':
        if (head.by === 'provider') return this.#leftOut('server_tool_use');
        return {
          type: 'function_call',
          call_id: takenName(head.callId, LONGEST_ID),
          name: head.name,
          arguments: text || '{}',
        };
      case 'result':
        return this.#result(head);
      case 'reasoning':
        return thought(head.form, text, attached) ?? this.#leftOut('reasoning');
      case 'foreign':
        return head.refusal === null ? this.#leftOut(head.name) : 'said';
      case 'text':
      case 'refusal':
      case 'media':
      case 'file-id':
        return 'said';
      default:
        return head satisfies never;
    }
  }

  #message(role: 'system' | 'developer' | 'user', blocks: readonly RequestBlock[]): InputItem[] {
    const content = writeContent(blocks, this.dropped);
    return content.length === 0 ? [] : [{ type: 'message', role, content }];
  }

  #result({ callId, content, isError }: Extract<BlockHead, { type: 'result' }>): InputItem {
    if (isError) this.dropped.add('is_error');
    this.#noteSources(content);
    const kept = content.filter(({ head }) => {
      const isKept = head.type !== 'foreign' || head.refusal !== null;
      if (!isKept) this.dropped.add(head.name);
      return isKept;
    });
    const output = writeContent(kept, this.dropped);
    return {
      type: 'function_call_output',
      call_id: takenName(callId, LONGEST_ID),
      output: output.length === 0 ? '' : output,
    };
  }

  #leftOut(name: string): null {
    this.dropped.add(name);
    return null;
  }

  #noteSources(blocks: readonly RequestBlock[]): void {
    const hasSources = blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'));
    if (hasSources) this.dropped.add('citations');
  }
}

/** Texts alone are one, as every server takes it; a refusal is a part of its own. */
function assistant(blocks: readonly RequestBlock[]): InputItem[] {
  const wrong = blocks.find((block) => !isText(block));
  if (wrong !== undefined) throw unsupported(wrong.at, problemOf(wrong.head));
  const parts = blocks.flatMap(({ head, text }): SaidPart[] => {
    if (text === '') return [];
    return head.type === 'refusal' ? [{ type: 'refusal', refusal: text }] : [{ type: 'output_text', text }];
  });
  const [first, ...others] = parts;
  if (first === undefined) return [];
  const content = others.length === 0 && first.type === 'output_text' ? first.text : parts;
  return [{ type: 'message', role: 'assistant', content }];
}

function problemOf(head: BlockHead): string {
  return (head.type === 'foreign' ? head.refusal : null) ?? 'should be a text or a call for this provider';
}

/** Null if OpenAI could not read it. */
function thought(
  form: 'raw' | 'summary' | 'hidden',
  text: string,
  attached: RequestBlock['attached'],
): InputItem | null {
  const own = attached.find(isEncrypted);
  if (own === undefined) return null;
  const isRaw = form === 'raw';
  return {
    type: 'reasoning',
    summary: isRaw || text === '' ? [] : [{ type: 'summary_text', text }],
    ...(isRaw && text !== '' ? { content: [{ type: 'reasoning_text', text }] } : {}),
    encrypted_content: own.data,
  };
}
