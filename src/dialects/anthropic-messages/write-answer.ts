/**
 * Writes a whole answer as a message.
 *
 *   text, refusal      → text, with its citations
 *   reasoning          → thinking, with its signature; redacted_thinking
 *   call               → tool_use, server_tool_use
 *   foreign            → itself, if it is of this dialect
 *
 * What Gemini has signed a text or a call with is redacted_thinking beside it (`google-signatures.ts`).
 *
 * Left out is what the dialect cannot express: media, blocks and signatures of other dialects, and texts that are empty,
 * which Anthropic refuses when they come back. Thinking of other dialects has an empty signature, as at the start of a
 * stream, or the mark of a chat's: an invented one would be refused.
 *
 * The input of a tool becomes a tree; numbers in it that a double cannot hold keep their digits. A text that is no JSON object
 * stands under a name that says so (`tool-input.ts`).
 */
import { asRecord } from '../../shared/json.ts';
import { parseExact } from '../../wire/exact-json.ts';
import type { AnswerBlock, MessageAnswer } from '../../wire/messages.ts';
import { isGoogleSignature, sealedSignature, signedPartOf } from '../google-signatures.ts';
import type { Attachment, Block, BlockHead, HubAnswer } from '../hub.ts';
import { inputOf } from '../tool-input.ts';
import type { AnswerContext } from '../types.ts';
import { MESSAGES } from './facts.ts';
import { sealed } from './sealed-thought.ts';
import { isOfMessages } from './stream-block.ts';
import { seenWith, writeStop, writeUsage } from './write-facts.ts';

/** A message object of Anthropic's form. */
export function writeAnswer(
  { id, model, blocks, finish, usage }: HubAnswer,
  { model: asked, requestId }: Pick<AnswerContext, 'model' | 'requestId'>,
): MessageAnswer {
  const seen = blocks.reduce((before, { head }) => seenWith(before, head), { hasCalls: false, hasRefusal: false });
  return {
    id: id || `msg_${requestId}`,
    type: 'message',
    role: 'assistant',
    model: model ?? asked,
    content: blocks.flatMap(writeSigned),
    ...writeStop(finish, seen),
    usage: writeUsage(usage),
  };
}

/** Whether this dialect has words for a part of an answer. Of sources it has its own alone. */
export function says(part: BlockHead | Attachment): boolean {
  return 'data' in part ? sealed(part) !== null : isOfMessages(part);
}

/** The block, with what its provider has signed it with: behind a text, before a call. */
function writeSigned(block: Block): AnswerBlock[] {
  const written = writeBlock(block);
  const part = signedPartOf(block.head);
  const proof = block.attached.find(isGoogleSignature);
  if (proof === undefined || part === null || part === 'thought') return written;
  const beside = { type: 'redacted_thinking', data: sealedSignature(part, proof) };
  return part === 'call' ? [beside, ...written] : [...written, beside];
}

function writeBlock({ head, text, attached }: Block): AnswerBlock[] {
  switch (head.type) {
    case 'text':
    case 'refusal':
      return writeText(text, own(attached, 'citation').map(parseExact));
    case 'reasoning':
      return writeReasoning(head.form, text, attached);
    case 'call':
      return [writeCall(head, text)];
    case 'foreign':
      return head.of === MESSAGES ? writeOwn(head.value) : [];
    case 'media':
    case 'file-id':
    case 'result':
      return [];
    default:
      return head satisfies never;
  }
}

function writeText(text: string, citations: readonly unknown[]): AnswerBlock[] {
  if (text === '' && citations.length === 0) return [];
  return [{ type: 'text', text, ...(citations.length === 0 ? {} : { citations }) }];
}

function writeReasoning(
  form: Extract<BlockHead, { type: 'reasoning' }>['form'],
  thinking: string,
  attached: readonly Attachment[],
): AnswerBlock[] {
  if (form === 'hidden') return own(attached, 'redacted').map((data) => ({ type: 'redacted_thinking', data }));
  const signature = own(attached, 'signature').at(-1) ?? '';
  return thinking === '' && signature === '' ? [] : [{ type: 'thinking', thinking, signature }];
}

function writeCall({ callId: id, name, by }: Extract<BlockHead, { type: 'call' }>, text: string): AnswerBlock {
  return { type: by === 'client' ? 'tool_use' : 'server_tool_use', id, name, input: inputOf(text) };
}

function writeOwn(value: unknown): AnswerBlock[] {
  const block = asRecord(value);
  return block === null ? [] : [block];
}

function own(attached: readonly Attachment[], type: Attachment['type']): string[] {
  return attached.flatMap((each) => (each.type === type ? (sealed(each) ?? []) : []));
}
