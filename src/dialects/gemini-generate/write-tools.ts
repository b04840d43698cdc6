/** Writes the tools that the client offers, and which of them the model should call. */
import type { FunctionCallingConfig, FunctionDeclaration, GenerateRequest } from '../../wire/generate-content.ts';
import type { HubRequest, Tool } from '../hub.ts';

interface WrittenTools {
  /** None if the client offers no tool. */
  readonly fields: Pick<GenerateRequest, 'tools' | 'toolConfig'>;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/** All that a request says of tools. */
export function writeTools({ tools, toolChoice, parallelCalls }: HubRequest): WrittenTools {
  if (tools.length === 0) return { fields: {}, dropped: [] };
  const config = writeChoice(toolChoice, tools);
  return {
    fields: {
      tools: [{ functionDeclarations: tools.map(writeTool) }],
      ...(config === null ? {} : { toolConfig: { functionCallingConfig: config } }),
    },
    // Its models call as many as they want at once.
    dropped: parallelCalls === false ? ['parallel_tool_calls'] : [],
  };
}

function writeTool({ name, description, schema }: Tool): FunctionDeclaration {
  return {
    name,
    ...(description === null ? {} : { description }),
    ...(schema === null ? {} : { parametersJsonSchema: schema }),
  };
}

/** A model that must call a tool follows its schema; one that may call one does so if it is told. Null: as it likes. */
function writeChoice(choice: HubRequest['toolChoice'], tools: readonly Tool[]): FunctionCallingConfig | null {
  const free = tools.some(({ isStrict }) => isStrict) ? 'VALIDATED' : 'AUTO';
  switch (choice?.type) {
    case undefined:
      return free === 'AUTO' ? null : { mode: free };
    case 'auto':
      return { mode: free };
    case 'required':
      return { mode: 'ANY' };
    case 'none':
      return { mode: 'NONE' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    default:
      return choice satisfies never;
  }
}
