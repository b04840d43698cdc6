/** Reads the system prompt and the messages. The prompt comes first, as a message of its own. */
import { asRecord } from '../../shared/json.ts';
import type { Message } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import type { Extensions } from './extensions.ts';
import { readContent } from './read-content.ts';

const known = new Set(['role', 'content']);

/** Throws `GatewayError` (`invalid_value`) that names the message and its field. */
export function readMessages(messages: readonly unknown[], extensions: Extensions): Message[] {
  return messages.map((value, position) => {
    const path = `messages[${position}]`;
    const message = asRecord(value);
    if (message === null) throw invalidValue(path, 'should be an object');
    const { role, content } = message;
    extensions.addRest(message, known, 'messages');
    switch (role) {
      case 'system':
        return readSystem(content, `${path}.content`, extensions);
      case 'user':
      case 'assistant':
        return { role, blocks: readContent(content, `${path}.content`, extensions) };
      default:
        throw invalidValue(`${path}.role`, 'should be user, assistant or system');
    }
  });
}

/** A prompt: texts, or blocks that only this dialect knows. */
export function readSystem(content: unknown, path: string, extensions: Extensions): Message {
  const blocks = readContent(content, path, extensions);
  const wrong = blocks.find(({ head }) => head.type !== 'text' && head.type !== 'foreign');
  if (wrong !== undefined) throw invalidValue(wrong.at, 'should be a text');
  return { role: 'system', blocks };
}
