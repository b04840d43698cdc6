/**
 * What models thought, in this dialect, with what only its provider can read: Anthropic's do not go on after a call of a tool
 * without it, and OpenAI's think all of it again. OpenAI has no field for it. It is written as `reasoning_details`,
 * OpenRouter's, which most clients send back, and read as that or, of Anthropic's, as `thinking_blocks`, LiteLLM's:
 *
 *   Anthropic's   [{type: reasoning.text, text, signature, format, index}, {type: reasoning.encrypted, data, …}]
 *   OpenAI's      [{type: reasoning.encrypted, summary, data, format, index}]
 *   Gemini's      [{type: reasoning.text, …}], and what signs a text: [{type: reasoning.encrypted, data, …}]; what signs a call
 *                 stands at it, in Google's own field
 *   LiteLLM's     [{type: thinking, thinking, signature}, {type: redacted_thinking, data}]
 *
 * `index` is the place among all blocks of the answer, so that a thought between two calls comes back between them. Clients
 * may send a stream's pieces back as they came: those of one place are one thought.
 */
import { asArray, asCount, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { ReasoningDetail } from '../../wire/chat-completion.ts';
import { requestBlock } from '../block-texts.ts';
import { encryptedThought, isEncrypted } from '../encrypted-thought.ts';
import { MESSAGES } from '../families.ts';
import { isGoogleSignature, ofPart, ofThought } from '../google-signatures.ts';
import type { Attachment, RequestBlock } from '../hub.ts';
import type { Extensions } from './extensions.ts';

/** OpenRouter's words for what is Anthropic's, what is OpenAI's and what is Gemini's. */
const FORMAT = 'anthropic-claude-v1';
const FORMAT_OF_OPENAI = 'openai-responses-v1';
const FORMAT_OF_GOOGLE = 'google-gemini-v1';
const formats: ReadonlySet<unknown> = new Set([FORMAT, FORMAT_OF_OPENAI, FORMAT_OF_GOOGLE]);

interface Thought {
  readonly at: string;
  readonly format: string;
  readonly index: number | null;
  /** Of Anthropic's and Gemini's: it is another block than one that is shown. */
  readonly isHidden: boolean;
  text: string;
  proof: string;
}

/** A thought for a client, if its provider wants it back. @param index the place of its block in the answer */
export function writeThought(text: string, index: number, attachment: Attachment): ReasoningDetail[] {
  const { type, of, data } = attachment;
  if (isEncrypted(attachment)) {
    // One detail, though OpenRouter has two: some clients put together what has the same index.
    const summary = text === '' ? {} : { summary: text };
    return [{ type: 'reasoning.encrypted', ...summary, data, format: FORMAT_OF_OPENAI, index }];
  }
  if (isGoogleSignature(attachment)) {
    return [{ type: 'reasoning.text', text, signature: data, format: FORMAT_OF_GOOGLE, index }];
  }
  if (of !== MESSAGES || type === 'citation') return [];
  if (type === 'redacted') return [{ type: 'reasoning.encrypted', data, format: FORMAT, index }];
  return [{ type: 'reasoning.text', text, signature: data, format: FORMAT, index }];
}

/** What a provider has signed a text with: behind it. @param index the place of the text in the answer */
export function writeTextProof(index: number, attachment: Attachment): ReasoningDetail[] {
  if (!isGoogleSignature(attachment)) return [];
  return [{ type: 'reasoning.encrypted', data: attachment.data, format: FORMAT_OF_GOOGLE, index: index + 1 }];
}

/** The message's blocks, with the thoughts that came back with it. @param others all its other blocks */
export function withThoughts(
  message: JsonRecord,
  path: string,
  others: readonly RequestBlock[],
  extensions: Extensions,
): readonly RequestBlock[] {
  const thoughts = readThoughts(message, path, extensions).filter(({ text, proof }) => text !== '' || proof !== '');
  if (thoughts.length === 0) {
    // Without a signature it means nothing to another model.
    extensions.add('messages.reasoning_content', message.reasoning_content);
    extensions.add('messages.reasoning', message.reasoning);
    return others;
  }
  const blocks: RequestBlock[] = [];
  let taken = 0;
  for (const thought of thoughts) {
    for (let next = others[taken]; next !== undefined && blocks.length < (thought.index ?? 0); next = others[taken]) {
      blocks.push(next);
      taken += 1;
    }
    blocks.push(blockOf(thought));
  }
  return [...blocks, ...others.slice(taken)];
}

function readThoughts(message: JsonRecord, path: string, extensions: Extensions): Thought[] {
  const details = asArray(message.reasoning_details);
  const thoughts = new Map<string, Thought>();
  for (const [position, value] of details.entries()) {
    const detail = asRecord(value) ?? {};
    const format = detail.format ?? FORMAT;
    if (isKnown(format)) addDetail(thoughts, detail, format, `${path}.reasoning_details[${position}]`);
    else extensions.add('messages.reasoning_details', detail);
  }
  if (thoughts.size > 0) return [...thoughts.values()];
  return asArray(message.thinking_blocks).map((value, position) => {
    const { type, thinking, signature, data } = asRecord(value) ?? {};
    const isHidden = type === 'redacted_thinking';
    const at = `${path}.thinking_blocks[${position}]`;
    return {
      at,
      format: FORMAT,
      index: null,
      isHidden,
      text: asString(thinking) ?? '',
      proof: asString(isHidden ? data : signature) ?? '',
    };
  });
}

function isKnown(format: unknown): format is string {
  return formats.has(format);
}

/** @param thoughts in the order in which they began, by what its pieces have in common */
function addDetail(thoughts: Map<string, Thought>, detail: JsonRecord, format: string, at: string): void {
  const isData = detail.type === 'reasoning.encrypted';
  const isHidden = isData && format !== FORMAT_OF_OPENAI;
  const index = typeof detail.index === 'number' ? asCount(detail.index) : null;
  const text = isHidden ? '' : (asString(detail.text) ?? asString(detail.summary) ?? '');
  const proof = asString(isData ? detail.data : detail.signature) ?? '';
  const key = index === null ? at : `${index} ${isHidden} ${format}`;
  const same = thoughts.get(key);
  if (same === undefined) thoughts.set(key, { at, format, index, isHidden, text, proof });
  else {
    same.text += text;
    same.proof = proof || same.proof;
  }
}

function blockOf({ at, format, isHidden, text, proof }: Thought): RequestBlock {
  const isAlone = isHidden || (format === FORMAT_OF_OPENAI && text === '');
  const made = requestBlock({ type: 'reasoning', form: isAlone ? 'hidden' : 'summary' }, text, at);
  if (proof === '') return made;
  if (format === FORMAT_OF_OPENAI) return { ...made, attached: [encryptedThought(proof, isAlone)] };
  if (format === FORMAT_OF_GOOGLE) return { ...made, attached: [isHidden ? ofPart('text', proof) : ofThought(proof)] };
  return { ...made, attached: [{ type: isHidden ? 'redacted' : 'signature', of: MESSAGES, data: proof }] };
}
