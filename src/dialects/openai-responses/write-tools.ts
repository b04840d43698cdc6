/** Writes the tools that the client offers, and which of them the model should call. */
import type { FunctionTool, ResponsesRequest } from '../../wire/responses-request.ts';
import type { HubRequest, Tool } from '../hub.ts';

/** The request's fields for tools; none if the client offers no tool: without it the others mean nothing. */
export function writeTools({
  tools,
  toolChoice,
  parallelCalls,
}: HubRequest): Pick<ResponsesRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  if (tools.length === 0) return {};
  const choice =
    toolChoice?.type === 'tool' ? ({ type: 'function', name: toolChoice.name } as const) : toolChoice?.type;
  return {
    tools: tools.map(writeTool),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(parallelCalls === null ? {} : { parallel_tool_calls: parallelCalls }),
  };
}

function writeTool({ name, description, schema, isStrict }: Tool): FunctionTool {
  return {
    type: 'function',
    name,
    ...(description === null ? {} : { description }),
    parameters: schema ?? { type: 'object', properties: {} },
    // What is not said is strict here, and then a schema with optional fields is refused or changed.
    strict: isStrict,
  };
}
