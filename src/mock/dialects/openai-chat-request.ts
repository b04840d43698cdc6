/**
 * Reads a request for a chat completion. Important parts are checked as strictly as the real provider does. Unknown
 * fields are ignored.
 */
import type { Ask } from './ask.ts';
import { tokensOf } from './content.ts';
import { Refusal } from './dialect.ts';
import { isAbsentOrWhole, isAbsentOrWithin, isArray, isRecord, textOf } from './json-reading.ts';
import { readBoolean, wrong } from './openai-facts.ts';
import { chooseTool, type OfferedTool, type ToolChoice } from './tool-call.ts';

const roles = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function']);

/** Reads the body. Throws `Refusal`. */
export function readChatRequest(body: unknown): Ask {
  if (!isRecord(body)) throw new Refusal('We could not parse the JSON body of your request: it must be an object.');
  const { model, stream, stream_options: streamOptions } = body;
  if (typeof model !== 'string' || model === '') throw new Refusal('you must provide a model parameter');
  if (!isArray(body.messages)) throw new Refusal("Missing required parameter: 'messages'.", 'messages');
  if (body.messages.length === 0) throw new Refusal("Invalid 'messages': empty array.", 'messages');
  const messages = body.messages.map(readMessage);
  const isStream = readBoolean('stream', stream);
  if (isRecord(streamOptions) && !isStream) {
    throw new Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  }
  for (const limit of ['max_tokens', 'max_completion_tokens', 'n']) {
    if (!isAbsentOrWhole(body[limit], 1)) throw wrong(limit, 'an integer from 1');
  }
  if (!isAbsentOrWithin(body.temperature, 0, 2)) throw wrong('temperature', 'a number from 0 to 2');
  const tools = readTools(body.tools);
  const prompt = textOf(messages.findLast((message) => message.role === 'user')?.content);
  const limit = body.max_completion_tokens ?? body.max_tokens;
  const characters = messages.reduce((sum, message) => sum + textOf(message.content).length, 0);
  return {
    model,
    stream: isStream,
    includeUsage: isRecord(streamOptions) && streamOptions.include_usage === true,
    prompt,
    promptTokens: tokensOf(characters),
    maxTokens: typeof limit === 'number' ? limit : null,
    tool: chooseTool(tools, readChoice(body.tool_choice), prompt, messages.at(-1)?.role === 'tool'),
  };
}

function readMessage(message: unknown, index: number): Record<string, unknown> {
  const at = `messages[${index}]`;
  if (!isRecord(message)) throw wrong(at, 'an object');
  if (typeof message.role !== 'string' || !roles.has(message.role)) {
    throw wrong(`${at}.role`, `one of ${[...roles].join(', ')}`);
  }
  const { content } = message;
  const empty = content === null || content === undefined;
  if (empty ? message.role !== 'assistant' : typeof content !== 'string' && !isArray(content)) {
    throw wrong(`${at}.content`, 'a string or an array of parts');
  }
  if (message.role === 'tool' && typeof message.tool_call_id !== 'string') {
    throw new Refusal(`Missing required parameter: '${at}.tool_call_id'.`, `${at}.tool_call_id`);
  }
  return message;
}

function readTools(tools: unknown): OfferedTool[] {
  if (tools === undefined || tools === null) return [];
  if (!isArray(tools)) throw wrong('tools', 'an array');
  return tools.map((tool, index) => {
    const definition = isRecord(tool) && tool.type === 'function' ? tool.function : undefined;
    if (!isRecord(definition) || typeof definition.name !== 'string') {
      throw wrong(`tools[${index}]`, 'a function with a name');
    }
    return { name: definition.name, schema: definition.parameters };
  });
}

function readChoice(choice: unknown): ToolChoice {
  if (choice === 'none' || choice === 'required') return choice;
  if (isRecord(choice) && isRecord(choice.function)) return { name: String(choice.function.name) };
  return 'auto';
}
