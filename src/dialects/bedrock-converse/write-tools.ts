/** Writes the tools that the client offers, and which of them the model should call. */
import type { JsonRecord } from '../../shared/json.ts';
import type { CachePoint, ConverseRequest, ConverseTool, ConverseToolChoice } from '../../wire/converse.ts';
import { callsOneByOne, refusesForcedTools } from '../anthropic-messages/claude-models.ts';
import { isForced } from '../anthropic-messages/write-effort.ts';
import type { HubRequest, Message, Tool } from '../hub.ts';
import { withBoundsInWords } from '../json-schemas.ts';
import { unsupported } from '../refusal.ts';
import { takesCachePoints, takesSchemas } from './models.ts';
import { nameOf } from './write-blocks.ts';

interface WrittenTools {
  /** None if the client offers no tool, and none was called. */
  readonly fields: Pick<ConverseRequest, 'toolConfig'>;
  /** What only the model has words for. */
  readonly own: JsonRecord;
  /** Names of what was left out. */
  readonly dropped: readonly string[];
}

/**
 * The request's tools. Bedrock has no word for calling none: then they are left out. But a conversation that has calls in it is
 * refused without any: then they are those that were called.
 *
 * Throws `GatewayError` (400) for a choice that the model does not take, or that cannot be said of this conversation: without
 * it, the client would wait for a call that does not come, or get one that it does not expect.
 */
export function writeTools({ tools, toolChoice, messages, parallelCalls }: HubRequest, model: string): WrittenTools {
  if (isForced({ toolChoice, tools }) && refusesForcedTools(model)) {
    throw unsupported('tool_choice', 'should be auto or none for this model: it cannot be made to call a tool');
  }
  const isNone = toolChoice?.type === 'none' && tools.length > 0;
  if (tools.length > 0 && !isNone) {
    const dropped = new Set<string>();
    const written = tools.flatMap((tool) => writeTool(tool, model, dropped));
    const isAlone = parallelCalls === false;
    if (isAlone && callsOneByOne(model)) {
      // A choice that stands in both places is refused.
      return { fields: { toolConfig: { tools: written } }, own: aloneChoice(toolChoice), dropped: [...dropped] };
    }
    if (isAlone) dropped.add('parallel_tool_calls');
    const choice = writeChoice(toolChoice);
    return { fields: { toolConfig: { tools: written, ...choice } }, own: {}, dropped: [...dropped] };
  }
  const called = namesOfCalls(messages);
  if (called.length === 0) return { fields: {}, own: {}, dropped: isNone ? ['tools', 'tool_choice'] : [] };
  if (isNone) {
    throw unsupported(
      'tool_choice',
      'should be auto for this provider where the conversation has calls: it has no "none"',
    );
  }
  const written = called.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } }));
  return { fields: { toolConfig: { tools: written } }, own: {}, dropped: [] };
}

function namesOfCalls(messages: readonly Message[]): string[] {
  const heads = messages.flatMap(({ blocks }) => blocks.map(({ head }) => head));
  return [...new Set(heads.flatMap((head) => (head.type === 'call' && head.name !== '' ? [head.name] : [])))];
}

function writeTool(tool: Tool, model: string, dropped: Set<string>): (ConverseTool | CachePoint)[] {
  const { name, description, schema, isStrict, cache } = tool;
  const takesStrict = isStrict && takesSchemas(model);
  if (isStrict && !takesStrict) dropped.add('tools.strict');
  const looser = takesStrict && schema !== null ? withBoundsInWords(schema) : { schema, loosened: [] };
  for (const bound of looser.loosened) dropped.add(`tools.${bound}`);
  const toolSpec = {
    name,
    // An empty one is refused.
    ...(description === null || description === '' ? {} : { description }),
    // A function without parameters needs a schema too, and each schema a type.
    inputSchema: {
      json: looser.schema?.type === undefined ? { type: 'object', properties: {}, ...looser.schema } : looser.schema,
    },
    ...(takesStrict ? { strict: true as const } : {}),
  };
  if (cache === null) return [{ toolSpec }];
  if (!takesCachePoints(model)) {
    dropped.add(nameOf(cache));
    return [{ toolSpec }];
  }
  return [{ toolSpec }, { cachePoint: { type: 'default', ...(cache.ttl === null ? {} : { ttl: cache.ttl }) } }];
}

function writeChoice(choice: HubRequest['toolChoice']): { readonly toolChoice?: ConverseToolChoice } {
  switch (choice?.type) {
    case undefined:
    case 'none':
      return {};
    case 'auto':
      return { toolChoice: { auto: {} } };
    case 'required':
      return { toolChoice: { any: {} } };
    case 'tool':
      return { toolChoice: { tool: { name: choice.name } } };
    default:
      return choice satisfies never;
  }
}

/** The choice in Claude's own words, the only ones for one call at a time. */
function aloneChoice(choice: HubRequest['toolChoice']): JsonRecord {
  const named = choice?.type === 'tool' ? { name: choice.name } : {};
  const type = choice?.type === 'required' ? 'any' : choice?.type === 'tool' ? 'tool' : 'auto';
  return { tool_choice: { type, ...named, disable_parallel_tool_use: true } };
}
