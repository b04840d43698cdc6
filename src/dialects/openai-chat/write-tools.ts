/** Writes the tools that the client offers, and which of them the model should call. */
import type { ChatRequest, ChatTool, ChatToolChoice } from '../../wire/chat-request.ts';
import type { Extension, HubRequest, Tool, ToolChoice } from '../hub.ts';

/**
 * The request's fields for tools; none if the client offers no tool, because OpenAI refuses the others without it.
 *
 * @param own the extensions of this dialect: tools of other kinds stand among them, under their place in the list
 */
export function writeTools(
  { tools, toolChoice, parallelCalls }: HubRequest,
  own: readonly Extension[],
): Pick<ChatRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  const all = tools.map(writeTool);
  for (const extension of own) {
    const place = toolPlace(extension);
    // As the client sent it: of a kind that the type does not list.
    if (place !== null) all.splice(place, 0, extension.value as ChatTool);
  }
  if (all.length === 0) return {};
  return {
    tools: all,
    ...(toolChoice === null ? {} : { tool_choice: writeChoice(toolChoice) }),
    ...(parallelCalls === null ? {} : { parallel_tool_calls: parallelCalls }),
  };
}

/** Where in the client's list the tool stands that an extension is; null if it is a field of the request. */
export function toolPlace({ name }: Extension): number | null {
  const place = /^tools\[(\d+)\]$/.exec(name)?.[1];
  return place === undefined ? null : Number(place);
}

function writeTool({ name, description, schema, isStrict }: Tool): ChatTool {
  return {
    type: 'function',
    function: {
      name,
      ...(description === null ? {} : { description }),
      ...(schema === null ? {} : { parameters: schema }),
      ...(isStrict ? { strict: true } : {}),
    },
  };
}

function writeChoice(choice: ToolChoice): ChatToolChoice {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type;
}
