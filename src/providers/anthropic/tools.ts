/**
 * Translates `tools` and `tool_choice`. A tool that is not a function, or a choice that cannot be expressed, is
 * refused, not dropped: a wrong or a missing tool call can do harm, and a header that lists dropped parameters cannot
 * undo it.
 */

import { asRecord, asString } from '../../shared/json.ts';
import type { ChatRequest } from '../../wire/chat-completion.ts';
import type { MessageTool, MessageToolChoice } from '../../wire/messages.ts';
import { invalidValue, unsupported } from './refusal.ts';

/** The request's fields for tools; none if the client offers no tool. Throws `GatewayError`. */
export function toolFields(body: ChatRequest): {
  readonly tools?: readonly MessageTool[];
  readonly tool_choice?: MessageToolChoice;
} {
  const { tools } = body;
  if (tools === undefined || tools === null) return {};
  if (!Array.isArray(tools)) throw invalidValue('tools', 'should be an array');
  if (tools.length === 0) return {};
  const choice = toolChoice(body);
  return { tools: tools.map(makeTool), ...(choice === null ? {} : { tool_choice: choice }) };
}

/** Whether any tool requires arguments that follow its schema exactly, which this dialect does not guarantee. */
export function asksForStrictTools(body: ChatRequest): boolean {
  const tools: readonly unknown[] = Array.isArray(body.tools) ? body.tools : [];
  return tools.some((tool) => asRecord(asRecord(tool)?.function)?.strict === true);
}

function makeTool(value: unknown, position: number): MessageTool {
  const path = `tools[${position}]`;
  const tool = asRecord(value);
  const described = asRecord(tool?.function);
  if (tool?.type !== 'function' || described === null) {
    throw unsupported(path, 'should be a function: this provider takes no other tools');
  }
  const name = asString(described.name);
  if (name === null) throw invalidValue(`${path}.function.name`, 'should be a string');
  const description = asString(described.description);
  return {
    name,
    ...(description === null ? {} : { description }),
    // A function without parameters needs a schema too.
    input_schema: asRecord(described.parameters) ?? { type: 'object', properties: {} },
  };
}

function toolChoice(body: ChatRequest): MessageToolChoice | null {
  const choice = body.tool_choice;
  const alone = body.parallel_tool_calls === false ? ({ disable_parallel_tool_use: true } as const) : {};
  switch (choice) {
    case undefined:
    case null:
      return body.parallel_tool_calls === false ? { type: 'auto', ...alone } : null;
    case 'auto':
      return { type: 'auto', ...alone };
    case 'required':
      return { type: 'any', ...alone };
    case 'none':
      return { type: 'none' };
  }
  const record = asRecord(choice);
  const name = asString(asRecord(record?.function)?.name);
  if (record?.type === 'function' && name !== null) return { type: 'tool', name, ...alone };
  throw unsupported('tool_choice', 'should be auto, required, none or a function for this provider');
}
