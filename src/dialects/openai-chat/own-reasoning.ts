/**
 * Thoughts of another server, which some know no field for; and signatures of Gemini's thoughts, which stand at its calls of tools in this dialect. A call without one is refused too, so
 * the value takes its place that Google gives for calls that another model has made
 * (ai.google.dev/gemini-api/docs/thought-signatures).
 */
import { asArray, asRecord, type JsonRecord } from '../../shared/json.ts';
import { UNSIGNED } from '../gemini-models.ts';
import { thoughtFields } from '../plain-thoughts.ts';
import type { OwnReasoning } from '../types.ts';

const refusal =
  /\b(?:invalid|corrupted) thought[ _]?signature\b|\bthought[ _]?signature (?:is )?(?:not valid|invalid)\b/i;

/** Servers that know no such field: Groq's, Mistral's, OpenAI's words. */
const fieldRefusal =
  /\b(?:reasoning|reasoning_content)\b.{0,60}\b(?:unsupported|not (?:supported|permitted|allowed)|unexpected|extra)\b|\b(?:extra_forbidden|unrecognized|unexpected|unknown|additional)\b.{0,120}\breasoning(?:_content)?\b/i;

export const ownReasoning: OwnReasoning = {
  list: 'messages',
  isRefusedBy: ({ status, message }) =>
    (status === 400 && refusal.test(message)) || ((status === 400 || status === 422) && fieldRefusal.test(message)),
  without: (messages) => {
    let blocks = 0;
    const list = messages.map((message) => {
      const thoughtless = withoutThoughts(message);
      const { turn, changed } = unsigned(thoughtless);
      blocks += changed + (thoughtless === message ? 0 : 1);
      return turn;
    });
    return blocks === 0 ? null : { list, blocks };
  },
};

/** The text of its thoughts is one block, whichever field has it. */
function withoutThoughts(message: unknown): unknown {
  const turn = asRecord(message);
  if (turn?.role !== 'assistant' || !thoughtFields.some((field) => turn[field] !== undefined)) return message;
  const { reasoning_content: _, reasoning: __, ...rest } = turn;
  return rest;
}

/** The turn with no signature of Gemini's, and how many of its calls had one. */
function unsigned(message: unknown): { readonly turn: unknown; readonly changed: number } {
  const turn = asRecord(message);
  const calls = asArray(turn?.tool_calls);
  const left = calls.map((call) => unsignedCall(asRecord(call)) ?? call);
  const changed = left.filter((call, index) => call !== calls[index]).length;
  return { turn: changed === 0 ? message : { ...turn, tool_calls: left }, changed };
}

/** Null for a call that has no signature of Gemini's. */
function unsignedCall(call: JsonRecord | null): JsonRecord | null {
  const extra = asRecord(call?.extra_content);
  const google = asRecord(extra?.google);
  const signature = google?.thought_signature;
  if (typeof signature !== 'string' || signature === UNSIGNED) return null;
  return { ...call, extra_content: { ...extra, google: { ...google, thought_signature: UNSIGNED } } };
}
