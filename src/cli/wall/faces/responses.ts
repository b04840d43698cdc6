/**
 * Responses, as OpenAI's official client reads them. The client that puts a response together refuses events that are out
 * of order, that skip a number or that belong to no item.
 */
import type { StreamEvent } from '../event-decoder.ts';
import { callText, TOOL, toolSchema } from '../meant.ts';
import { codeOf, type Face, fieldOf, Malformed, parsedEvent, type StreamReader, stringOf, Told } from './face.ts';
import { bearer } from './openai-streams.ts';

class ResponseReader implements StreamReader {
  #text = '';
  #finish: string | null = null;
  #events = 0;
  readonly #items: unknown[] = [];

  get text(): string {
    return this.#text;
  }

  get finish(): string | null {
    return this.#finish;
  }

  take({ name, data }: StreamEvent): boolean {
    if (data === '[DONE]') return true;
    const event = parsedEvent(data);
    const type = stringOf(fieldOf(event, 'type')) ?? '';
    if (name === 'error' || type === 'error' || fieldOf(event, 'error')) throw new Told(codeOf(event) ?? 'error');
    this.#checkOrder(type, event);
    switch (type) {
      case 'response.output_item.added':
        this.#items.push(fieldOf(event, 'item'));
        this.#text += itemText(fieldOf(event, 'item'));
        break;
      case 'response.output_text.delta':
      case 'response.function_call_arguments.delta':
        this.#text += stringOf(fieldOf(event, 'delta')) ?? '';
        break;
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        this.#end(fieldOf(event, 'response'));
        break;
      default:
    }
    return false;
  }

  end(): void {
    if (this.#events === 0) throw new Told('no events');
  }

  #checkOrder(type: string, event: unknown): void {
    if (this.#finish !== null) throw new Malformed(`${type} after the end`);
    if (this.#events === 0 && type !== 'response.created') throw new Malformed(`${type} before response.created`);
    const number = fieldOf(event, 'sequence_number');
    if (number !== this.#events) throw new Malformed(`sequence_number ${String(number)} for event ${this.#events}`);
    this.#events += 1;
    const index = fieldOf(event, 'output_index');
    if (type === 'response.output_item.added') {
      if (index !== this.#items.length) throw new Malformed(`output_index ${String(index)} of a new item`);
      return;
    }
    const id = fieldOf(event, 'item_id');
    if (id === undefined) return;
    const item = this.#items[Number(index)];
    if (stringOf(id) === null || id !== fieldOf(item, 'id')) throw new Malformed(`${type} of no item`);
  }

  #end(response: unknown): void {
    const { text, finish } = readResponse(response);
    if (text !== this.#text) throw new Malformed('the last event has another text than the stream');
    this.#finish = finish;
  }
}

function readResponse(response: unknown): { text: string; finish: string | null } {
  const status = stringOf(fieldOf(response, 'status'));
  if (status === 'failed') throw new Told(codeOf(response) ?? 'failed');
  const output = fieldOf(response, 'output');
  if (!Array.isArray(output)) throw new Malformed('no output');
  const text = output.map(itemText).join('');
  return { text, finish: status };
}

function itemText(item: unknown): string {
  if (fieldOf(item, 'type') === 'function_call') {
    return callText(String(fieldOf(item, 'name')), stringOf(fieldOf(item, 'arguments')) ?? '');
  }
  const content = fieldOf(item, 'content');
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return parts.map((part) => stringOf(fieldOf(part, 'text')) ?? '').join('');
}

export const responses: Face = {
  name: 'responses',
  path: '/v1/responses',
  form: 'text',
  streams: true,
  translated: true,
  headers: bearer,
  body: (model, prompt, stream) => ({ model, stream, input: prompt, store: false }),
  read: readResponse,
  reader: () => new ResponseReader(),
};

export const responsesTools: Face = {
  ...responses,
  name: 'responses-tools',
  form: 'call',
  body: (model, prompt, stream) => ({
    ...responses.body(model, prompt, stream),
    tools: [{ type: 'function', name: TOOL, parameters: toolSchema(prompt), strict: false }],
    tool_choice: 'required',
  }),
};
