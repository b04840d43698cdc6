/**
 * Thoughts of the servers of chats that show them as they are, and want them back with the calls that followed: DeepSeek
 * refuses the results of calls otherwise, and others think worse. A thought's proof is the name of the field that it came in,
 * so that it goes back to chats alone, and in that field. For clients of other dialects it bears a mark of ours, since what
 * they have for proofs is Anthropic's or OpenAI's.
 */
import { CHAT } from './families.ts';
import type { Attachment } from './hub.ts';

/** Fields of a chat's message, the usual one first. */
export const thoughtFields = ['reasoning_content', 'reasoning'] as const;

export type ThoughtField = (typeof thoughtFields)[number];

const MARK = 'headgate.chat.';

/** The proof of a thought that came in that field. */
export function proofOf(field: ThoughtField): Attachment {
  return { type: 'signature', of: CHAT, data: field };
}

/** The field that a thought came in; null if it is none of a chat's. */
export function fieldOf(attached: readonly Attachment[]): ThoughtField | null {
  const proof = attached.find(({ type, of }) => type === 'signature' && of === CHAT);
  return thoughtFields.find((field) => field === proof?.data) ?? null;
}

/** What clients keep for the proof; null for any other attachment. */
export function markOf(attachment: Attachment): string | null {
  const field = fieldOf([attachment]);
  return field === null ? null : `${MARK}${field}.`;
}

/** The proof that such a mark stands for, and what follows it; null if the text does not begin with one. */
export function markedIn(text: string): { readonly proof: Attachment; readonly rest: string } | null {
  for (const field of thoughtFields) {
    const mark = `${MARK}${field}.`;
    if (text.startsWith(mark)) return { proof: proofOf(field), rest: text.slice(mark.length) };
  }
  return null;
}
