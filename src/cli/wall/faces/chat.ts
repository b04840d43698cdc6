/** Chat completions, as OpenAI's official client reads them. */
import { callText, TOOL, toolSchema } from '../meant.ts';
import { type Face, fieldOf, Malformed, stringOf } from './face.ts';
import { bearer, chunkReader } from './openai-streams.ts';

export const chat: Face = {
  name: 'chat',
  path: '/v1/chat/completions',
  form: 'text',
  streams: true,
  translated: true,
  headers: bearer,
  body: (model, prompt, stream) => ({ model, stream, messages: [{ role: 'user', content: prompt }] }),
  read(answer) {
    const choice = fieldOf(fieldOf(answer, 'choices'), 0);
    if (choice === undefined) throw new Malformed('no choices');
    const text = stringOf(fieldOf(fieldOf(choice, 'message'), 'content')) ?? '';
    return { text, finish: stringOf(fieldOf(choice, 'finish_reason')) };
  },
  reader: () => chunkReader((choice) => stringOf(fieldOf(fieldOf(choice, 'delta'), 'content'))),
};

/** The one call in a message or a delta; null for none. The name comes first, and once. */
function callIn(message: unknown): string | null {
  const called = fieldOf(fieldOf(fieldOf(message, 'tool_calls'), 0), 'function');
  const name = stringOf(fieldOf(called, 'name'));
  const text = stringOf(fieldOf(called, 'arguments')) ?? '';
  return name === null ? text : callText(name, text);
}

export const chatTools: Face = {
  ...chat,
  name: 'chat-tools',
  form: 'call',
  body: (model, prompt, stream) => ({
    ...chat.body(model, prompt, stream),
    tools: [{ type: 'function', function: { name: TOOL, parameters: toolSchema(prompt) } }],
    tool_choice: 'required',
  }),
  read(answer) {
    const { finish } = chat.read(answer);
    const message = fieldOf(fieldOf(fieldOf(answer, 'choices'), 0), 'message');
    return { text: callIn(message) ?? '', finish };
  },
  reader: () => chunkReader((choice) => callIn(fieldOf(choice, 'delta'))),
};
