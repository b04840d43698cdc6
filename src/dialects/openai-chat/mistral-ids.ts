/**
 * The ids of calls as Mistral's models take them: nine letters and digits (`Tool call id was … but must be a-z, A-Z, 0-9,
 * with a length of 9`), of their own API and of the templates by which other servers serve them. Calls that another
 * provider has made have longer ones.
 */
import { createHash } from 'node:crypto';
import type { ChatMessage } from '../../wire/chat-request.ts';

const isOfMistral = /(?:^|[^a-z])(?:mistral|mixtral|ministral|codestral|devstral|magistral|mathstral|pixtral|voxtral)/i;

const taken = /^[A-Za-z0-9]{9}$/;

/** The messages as the model's server takes them. */
export function withTakenIds(messages: readonly ChatMessage[], model: string): readonly ChatMessage[] {
  return isOfMistral.test(model) ? messages.map(withTakenId) : messages;
}

function withTakenId(message: ChatMessage): ChatMessage {
  if (message.role === 'tool') return { ...message, tool_call_id: takenId(message.tool_call_id) };
  if (message.role !== 'assistant' || message.tool_calls === undefined) return message;
  return { ...message, tool_calls: message.tool_calls.map((call) => ({ ...call, id: takenId(call.id) })) };
}

/** The same for a call and for its result. */
function takenId(id: string): string {
  return taken.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 9);
}
