/** Messages, as Anthropic's official client reads them: events without a name are no events. */
import type { StreamEvent } from '../event-decoder.ts';
import { callText, TOOL, toolSchema } from '../meant.ts';
import { codeOf, type Face, fieldOf, Malformed, parsedEvent, type StreamReader, stringOf, Told } from './face.ts';

class MessageReader implements StreamReader {
  #text = '';
  #finish: string | null = null;
  #begun = false;

  get text(): string {
    return this.#text;
  }

  get finish(): string | null {
    return this.#finish;
  }

  take({ name, data }: StreamEvent): boolean {
    if (name === null || name === 'ping') return false;
    if (name === 'error') throw new Told(codeOfText(data) ?? 'error');
    if (data === '') return false;
    const event = parsedEvent(data);
    const type = fieldOf(event, 'type');
    if (!this.#begun && type !== 'message_start') throw new Malformed(`${String(type)} before message_start`);
    this.#begun = true;
    const delta = fieldOf(event, 'delta');
    const block = fieldOf(event, 'content_block');
    if (fieldOf(block, 'type') === 'tool_use') this.#text += callText(String(fieldOf(block, 'name')), '');
    if (type === 'content_block_delta') {
      this.#text += stringOf(fieldOf(delta, 'text')) ?? stringOf(fieldOf(delta, 'partial_json')) ?? '';
    }
    if (type === 'message_delta') this.#finish = stringOf(fieldOf(delta, 'stop_reason')) ?? this.#finish;
    return false;
  }
}

function codeOfText(data: string): string | null {
  try {
    return codeOf(JSON.parse(data));
  } catch {
    return null;
  }
}

function blockText(block: unknown): string {
  if (fieldOf(block, 'type') !== 'tool_use') return stringOf(fieldOf(block, 'text')) ?? '';
  return callText(String(fieldOf(block, 'name')), JSON.stringify(fieldOf(block, 'input')));
}

export const messages: Face = {
  name: 'messages',
  path: '/v1/messages',
  form: 'text',
  streams: true,
  translated: true,
  headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
  body: (model, prompt, stream) => ({
    model,
    stream,
    max_tokens: 1_000,
    messages: [{ role: 'user', content: prompt }],
  }),
  read(answer) {
    const content = fieldOf(answer, 'content');
    if (!Array.isArray(content)) throw new Malformed('no content');
    const text = content.map(blockText).join('');
    return { text, finish: stringOf(fieldOf(answer, 'stop_reason')) };
  },
  reader: () => new MessageReader(),
};

export const messagesTools: Face = {
  ...messages,
  name: 'messages-tools',
  form: 'call',
  body: (model, prompt, stream) => ({
    ...messages.body(model, prompt, stream),
    tools: [{ name: TOOL, input_schema: toolSchema(prompt) }],
    tool_choice: { type: 'any' },
  }),
};
