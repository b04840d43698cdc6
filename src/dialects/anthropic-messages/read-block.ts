/** Reads what is known of a content block when it begins; whole messages and streams have it in common. */
import { asString, type JsonRecord } from '../../shared/json.ts';
import type { Attachment, BlockHead } from '../hub.ts';
import { markedIn } from '../plain-thoughts.ts';
import { MESSAGES } from './facts.ts';

/** A block of a kind that is not known, the provider's own tools among them, is foreign to every other dialect. */
export function headOf(block: JsonRecord): BlockHead {
  const type = asString(block.type) ?? '';
  switch (type) {
    case 'text':
      return { type };
    // Since Claude 4 it is a summary, and clients of other dialects show that where they show no raw thoughts.
    case 'thinking':
      return { type: 'reasoning', form: 'summary' };
    case 'redacted_thinking':
      return { type: 'reasoning', form: 'hidden' };
    case 'tool_use':
    case 'server_tool_use': {
      const by = type === 'tool_use' ? 'client' : 'provider';
      return { type: 'call', callId: asString(block.id) ?? '', name: asString(block.name) ?? '', by };
    }
    default:
      return { type: 'foreign', of: MESSAGES, name: type, value: block, refusal: null };
  }
}

/** The text of a block that is no tool call. */
export function textIn(block: JsonRecord): string {
  if (block.type === 'text') return asString(block.text) ?? '';
  return block.type === 'thinking' ? (asString(block.thinking) ?? '') : '';
}

/** What hangs on a block. */
export const attachments = {
  /** Of a block, or of the piece of one that brings its signature. */
  of({ signature, data, type }: JsonRecord): Attachment[] {
    const proof = asString(signature) ?? '';
    const marked = markedIn(proof);
    if (marked !== null) return [marked.proof];
    if (proof !== '') return [{ type: 'signature', of: MESSAGES, data: proof }];
    const redacted = type === 'redacted_thinking' ? (asString(data) ?? '') : '';
    return redacted === '' ? [] : [{ type: 'redacted', of: MESSAGES, data: redacted }];
  },

  citation(citation: unknown): Attachment {
    return { type: 'citation', of: MESSAGES, data: JSON.stringify(citation) ?? 'null' };
  },
} as const;
