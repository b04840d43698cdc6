/** A call of one of the client's tools, in a streamed answer: of a function, or of a custom tool with a text. */
import type { ItemStatus, OutputItem, ResponseEvent } from '../../wire/responses.ts';
import type { ClientTool } from './client-tools.ts';
import type { GrowingItem } from './growing-item.ts';
import { UnwrappedInput } from './unwrapped-input.ts';

export class CallItem implements GrowingItem {
  readonly id: string;
  readonly #index: number;
  readonly #callId: string;
  readonly #tool: ClientTool;
  /** Of a custom tool. */
  readonly #input: UnwrappedInput | null;
  /** Of a function. */
  #arguments = '';
  #status: ItemStatus = 'in_progress';

  constructor(id: string, index: number, callId: string, tool: ClientTool) {
    this.id = id;
    this.#index = index;
    this.#callId = callId;
    this.#tool = tool;
    this.#input = tool.isCustom ? new UnwrappedInput() : null;
  }

  get value(): OutputItem {
    const { name, namespace } = this.#tool;
    const called = {
      id: this.id,
      status: this.#status,
      call_id: this.#callId,
      name,
      ...(namespace === null ? {} : { namespace }),
    };
    return this.#input === null
      ? { ...called, type: 'function_call', arguments: this.#arguments }
      : { ...called, type: 'custom_tool_call', input: this.#input.text };
  }

  add(text: string): ResponseEvent[] {
    if (this.#input === null) {
      this.#arguments += text;
      return [{ type: 'response.function_call_arguments.delta', ...this.#place, delta: text }];
    }
    return this.#told(this.#input.push(text));
  }

  end(status: ItemStatus): ResponseEvent[] {
    const last = this.#input === null ? this.#owedArguments(status) : this.#told(this.#input.end());
    this.#status = status;
    const done = { type: 'response.output_item.done', output_index: this.#index, item: this.value } as const;
    return [
      ...last,
      this.#input === null
        ? {
            type: 'response.function_call_arguments.done',
            ...this.#place,
            name: this.#tool.name,
            arguments: this.#arguments,
          }
        : { type: 'response.custom_tool_call_input.done', ...this.#place, input: this.#input.text },
      done,
    ];
  }

  /** Clients parse the arguments; some servers send none for a function without parameters. */
  #owedArguments(status: ItemStatus): ResponseEvent[] {
    return this.#arguments === '' && status === 'completed' ? this.add('{}') : [];
  }

  #told(delta: string): ResponseEvent[] {
    return delta === '' ? [] : [{ type: 'response.custom_tool_call_input.delta', ...this.#place, delta }];
  }

  get #place() {
    return { item_id: this.id, output_index: this.#index };
  }
}
