/** Reads a request for a response. It is as strict as the real provider: other fields than its own are refused. */
import type { Ask } from './ask.ts';
import { tokensOf } from './content.ts';
import { Refusal } from './dialect.ts';
import { isAbsentOrWhole, isAbsentOrWithin, isArray, isRecord, textOf } from './json-reading.ts';
import { missing, readBoolean, readModel, wrong } from './openai-facts.ts';
import { chooseTool, type OfferedTool, type ToolChoice } from './tool-call.ts';

const fields = new Set(
  (
    'model input instructions max_output_tokens max_tool_calls metadata parallel_tool_calls previous_response_id ' +
    'conversation prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier ' +
    'service_tier store stream stream_options temperature top_p top_logprobs text tool_choice tools truncation user ' +
    'background context_management moderation access_programs image include client_metadata'
  ).split(' '),
);
const roles = new Set(['user', 'assistant', 'system', 'developer']);

/** Reads the body. Throws `Refusal`. */
export function readResponsesRequest(body: Record<string, unknown>): Ask {
  const unknown = Object.keys(body).find((field) => !fields.has(field));
  if (unknown !== undefined) throw new Refusal(`Unknown parameter: '${unknown}'.`, unknown);
  const stream = readBoolean('stream', body.stream);
  if (!isAbsentOrWhole(body.max_output_tokens, 1)) throw wrong('max_output_tokens', 'an integer from 1');
  if (!isAbsentOrWithin(body.temperature, 0, 2)) throw wrong('temperature', 'a number from 0 to 2');
  if (typeof body.previous_response_id === 'string') {
    const message = `Previous response with id '${body.previous_response_id}' not found.`;
    throw new Refusal(message, 'previous_response_id');
  }
  const items = readInput(body.input);
  const tools = readTools(body.tools);
  const prompt = textOf(items.findLast((item) => item.role === 'user')?.content);
  const characters = items.reduce((sum, item) => sum + textOf(item.content).length, textOf(body.instructions).length);
  return {
    model: readModel(body.model),
    stream,
    includeUsage: true,
    prompt,
    promptTokens: tokensOf(characters),
    maxTokens: typeof body.max_output_tokens === 'number' ? body.max_output_tokens : null,
    tool: chooseTool(tools, readChoice(body.tool_choice), prompt, endsInResult(items)),
  };
}

function readInput(input: unknown): Record<string, unknown>[] {
  if (input === undefined || input === null) throw missing('input');
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!isArray(input)) throw wrong('input', 'a string or an array of items');
  return input.map(readItem);
}

function readItem(item: unknown, index: number): Record<string, unknown> {
  const at = `input[${index}]`;
  if (!isRecord(item)) throw wrong(at, 'an object');
  const { type = 'message' } = item;
  if (type === 'message') {
    if (typeof item.role !== 'string' || !roles.has(item.role))
      throw wrong(`${at}.role`, `one of ${[...roles].join(', ')}`);
    if (typeof item.content !== 'string' && !isArray(item.content)) {
      throw wrong(`${at}.content`, 'a string or an array of parts');
    }
  }
  const required = type === 'function_call' ? ['call_id', 'name', 'arguments'] : [];
  if (type === 'function_call_output') required.push('call_id', 'output');
  const absent = required.find((field) => item[field] === undefined);
  if (absent !== undefined) throw missing(`${at}.${absent}`);
  return item;
}

/** Functions alone are called; what else is offered runs at the provider, or takes no JSON. */
function readTools(tools: unknown): OfferedTool[] {
  if (tools === undefined || tools === null) return [];
  if (!isArray(tools)) throw wrong('tools', 'an array');
  return tools.flatMap((tool, index) => {
    if (!isRecord(tool) || typeof tool.type !== 'string') throw missing(`tools[${index}].type`);
    if (tool.type !== 'function') return [];
    if (typeof tool.name !== 'string') throw missing(`tools[${index}].name`);
    return [{ name: tool.name, schema: tool.parameters }];
  });
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  if (isRecord(choice) && choice.type === 'function') return { name: String(choice.name) };
  return 'auto';
}

function endsInResult(items: readonly Record<string, unknown>[]): boolean {
  const type = items.at(-1)?.type;
  return type === 'function_call_output' || type === 'custom_tool_call_output';
}
