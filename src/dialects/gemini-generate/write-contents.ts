/**
 * Writes the messages as contents and the system's instruction. All system and developer messages, at any position, become the
 * one instruction. Neighbouring messages of one side are one content: what tools gave back first, in it.
 *
 *   text, refusal     → text
 *   media             → inlineData, or fileData for an address
 *   a call            → functionCall, with the signature that it came with
 *   a tool's result   → functionResponse, under the name of its call
 *   a thought         → itself, if Gemini has signed it; the signature of another part goes to that part
 *
 * What this dialect has no words for is refused with its place if the answer would be another one without it, else it is left
 * out and named.
 */
import type { Content, ContentPart } from '../../wire/generate-content.ts';
import { joinedText } from '../block-texts.ts';
import { needsSignatures, UNSIGNED } from '../gemini-models.ts';
import type { Message, RequestBlock } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { systemTexts } from '../system-texts.ts';
import { ToolIds } from '../tool-ids.ts';
import { ModelParts } from './write-model-parts.ts';
import { UserParts } from './write-user-parts.ts';

interface WrittenContents {
  /** Empty if there is no system or developer text. */
  readonly instruction: string;
  readonly contents: readonly Content[];
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** Throws `GatewayError` (400) that names what cannot be expressed. */
export function writeContents(messages: readonly Message[], model: string): WrittenContents {
  const conversation = new Conversation(model);
  for (const message of messages) conversation.take(message);
  const contents = conversation.end();
  if (contents.length === 0) {
    throw invalidValue('messages', 'should hold at least one user or assistant message with content');
  }
  return { instruction: conversation.instruction, contents, dropped: [...conversation.dropped] };
}

class Conversation {
  readonly dropped = new Set<string>();
  readonly #model: string;
  readonly #contents: Content[] = [];
  readonly #system: string[] = [];
  /** The content that is being written. */
  #open: ModelParts | UserParts | null = null;
  /** By a call's id, the name of the tool. */
  readonly #names = new Map<string, string>();
  readonly #ids = new ToolIds();

  constructor(model: string) {
    this.#model = model;
  }

  get instruction(): string {
    return this.#system.filter((text) => text !== '').join('\n');
  }

  take({ role, blocks }: Message): void {
    this.#noteSources(blocks);
    switch (role) {
      case 'system':
      case 'developer':
        this.#system.push(joinedText(systemTexts(blocks, this.dropped)));
        return;
      case 'user': {
        const parts =
          this.#open instanceof UserParts
            ? this.#open
            : this.#begin(new UserParts(this.#model, this.#ids, this.#names, this.dropped));
        for (const block of blocks) parts.take(block);
        return;
      }
      case 'assistant': {
        const parts =
          this.#open instanceof ModelParts
            ? this.#open
            : this.#begin(new ModelParts(this.#ids, this.#names, this.dropped));
        for (const block of blocks) parts.take(block);
        return;
      }
      default:
        role satisfies never;
    }
  }

  end(): readonly Content[] {
    this.#close();
    return this.#contents;
  }

  #begin<Parts extends ModelParts | UserParts>(parts: Parts): Parts {
    this.#close();
    this.#open = parts;
    return parts;
  }

  #close(): void {
    const open = this.#open;
    this.#open = null;
    const parts = open?.end() ?? [];
    if (parts.length === 0) return;
    if (open instanceof UserParts) this.#contents.push({ role: 'user', parts });
    else this.#contents.push({ role: 'model', parts: needsSignatures(this.#model) ? proven(parts) : parts });
  }

  #noteSources(blocks: readonly RequestBlock[]): void {
    const hasSources = blocks.some(({ attached }) => attached.some(({ type }) => type === 'citation'));
    if (hasSources) this.dropped.add('citations');
  }
}

/**
 * A step in which Gemini has signed no call was another model's, or its client has lost the signatures: then its first call says
 * so, in the word that Google gives for it (ai.google.dev/gemini-api/docs/thought-signatures).
 */
function proven(parts: readonly ContentPart[]): readonly ContentPart[] {
  if (parts.some((part) => 'functionCall' in part && 'thoughtSignature' in part)) return parts;
  const first = parts.findIndex((part) => 'functionCall' in part);
  return parts.map((part, at) => (at === first ? { ...part, thoughtSignature: UNSIGNED } : part));
}
