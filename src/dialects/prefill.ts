/**
 * An answer that the client has begun, as the last message of a conversation, for the model to go on with. Anthropic's models
 * up to Claude 4.5 do, and some other servers; the rest answer to it, or refuse it.
 */
import type { Message, RequestBlock } from './hub.ts';

/** In which field of the request it stands, such as `messages`; null if the client has begun none. */
export function prefillIn(messages: readonly Message[]): string | null {
  const last = messages.at(-1);
  const said = last?.role === 'assistant' ? last.blocks : [];
  // A call is not gone on with: what its tool gave back is missing.
  const begun = said.some(({ head }) => head.type === 'call') ? undefined : said.find(isSaid);
  return begun === undefined ? null : (/^\w+/.exec(begun.at)?.[0] ?? 'messages');
}

/** The name under which OpenAI's dialects name one: whether a server goes on with it, or answers to it, is not known. */
export function prefillsIn(messages: readonly Message[]): readonly string[] {
  const begun = prefillIn(messages);
  return begun === null ? [] : [`${begun}.prefill`];
}

/** Blanks alone are left out. */
function isSaid({ head, text }: RequestBlock): boolean {
  return head.type === 'text' && text.trim() !== '';
}
