/**
 * Gemini's models since version 3 refuse a history whose calls lack the signature that they were made with. Clients of other
 * dialects have no field for it, and other models make none: then the first call of a message says so, in the word that
 * Google gives for it (ai.google.dev/gemini-api/docs/thought-signatures).
 */
import type { AskedToolCall, ChatMessage } from '../../wire/chat-request.ts';
import { needsSignatures, UNSIGNED } from '../gemini-models.ts';

/** The same messages for a model that asks for no such thing. */
export function withProof(messages: readonly ChatMessage[], model: string): readonly ChatMessage[] {
  if (!needsSignatures(model)) return messages;
  return messages.map((message) => {
    const [first, ...others] = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
    return first === undefined ? message : { ...message, tool_calls: [signed(first), ...others] };
  });
}

function signed(call: AskedToolCall): AskedToolCall {
  return call.extra_content === undefined
    ? { ...call, extra_content: { google: { thought_signature: UNSIGNED } } }
    : call;
}
