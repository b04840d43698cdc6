/** Writes the tools that the client offers, and which of them the model should call. */
import type { MessageTool, MessageToolChoice } from '../../wire/messages.ts';
import type { HubRequest, Tool } from '../hub.ts';
import { withBoundsInWords } from '../json-schemas.ts';
import { unsupported } from '../refusal.ts';
import { refusesForcedTools } from './claude-models.ts';
import { mark } from './write-blocks.ts';
import { isForced } from './write-effort.ts';

interface WrittenTools {
  /** None if the client offers no tool. */
  readonly fields: { readonly tools?: readonly MessageTool[]; readonly tool_choice?: MessageToolChoice };
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/**
 * The request's fields for tools. Throws `GatewayError` (400) for a choice that the
 * model does not take: without it, the client would wait for a call that does not come.
 */
export function writeTools({ tools, toolChoice, parallelCalls }: HubRequest, model: string): WrittenTools {
  if (tools.length === 0) return { fields: {}, dropped: [] };
  if (isForced({ toolChoice, tools }) && refusesForcedTools(model)) {
    throw unsupported('tool_choice', 'should be auto or none for this model: it cannot be made to call a tool');
  }
  const choice = writeChoice(toolChoice, parallelCalls === false);
  const looser = tools.map(withStrictSchema);
  return {
    fields: { tools: looser.map(({ tool }) => writeTool(tool)), ...(choice === null ? {} : { tool_choice: choice }) },
    dropped: [...new Set(looser.flatMap(({ loosened }) => loosened.map((name) => `tools.${name}`)))],
  };
}

/** What is called strictly is held to the same words as an answer that follows a schema. */
function withStrictSchema(tool: Tool): { readonly tool: Tool; readonly loosened: readonly string[] } {
  if (!tool.isStrict || tool.schema === null) return { tool, loosened: [] };
  const { schema, loosened } = withBoundsInWords(tool.schema);
  return { tool: { ...tool, schema }, loosened };
}

function writeTool({ name, description, schema, isStrict, cache }: Tool): MessageTool {
  return {
    name,
    ...(description === null ? {} : { description }),
    // A function without parameters needs a schema too, and each schema a type.
    input_schema: schema?.type === undefined ? { type: 'object', properties: {}, ...schema } : schema,
    ...(isStrict ? { strict: true } : {}),
    ...mark(cache),
  };
}

/** @param isAlone at most one tool is to be called */
function writeChoice(choice: HubRequest['toolChoice'], isAlone: boolean): MessageToolChoice | null {
  const alone = isAlone ? ({ disable_parallel_tool_use: true } as const) : {};
  switch (choice?.type) {
    case undefined:
      return isAlone ? { type: 'auto', ...alone } : null;
    case 'auto':
      return { type: 'auto', ...alone };
    case 'required':
      return { type: 'any', ...alone };
    case 'none':
      return { type: 'none' };
    case 'tool':
      return { type: 'tool', name: choice.name, ...alone };
    default:
      return choice satisfies never;
  }
}
