/** Reads a request for a chat completion as a provider does. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import type { ReadRequest, ToolWanted } from '../wanted.ts';

/** @param body as it came */
export function readChat(body: unknown): ReadRequest {
  const request = asRecord(body) ?? {};
  const messages = asArray(request.messages).map((message) => asRecord(message) ?? {});
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const format = asRecord(request.response_format);
  const choice = asRecord(request.tool_choice);
  const limit = request.max_completion_tokens ?? request.max_tokens;
  return {
    system: system.map(({ content }) => textsIn(content).join('')).join('\n'),
    lines: messages.flatMap(linesOf),
    tools: asArray(request.tools).map(readTool),
    choice: asString(request.tool_choice) ?? asString(asRecord(choice?.function)?.name) ?? 'auto',
    parallel: typeof request.parallel_tool_calls === 'boolean' ? request.parallel_tool_calls : null,
    schema: format?.type === 'json_schema' ? asRecord(format.json_schema)?.schema : null,
    limit: typeof limit === 'number' ? limit : null,
    stop: asArray(request.stop).map(String),
  };
}

function linesOf(message: JsonRecord): string[] {
  const { role, content } = message;
  if (role === 'tool') return [`result ${String(message.tool_call_id)} ${textsIn(content).join('')}`];
  if (role !== 'user' && role !== 'assistant') return [];
  const thought = asString(message.reasoning_content);
  const calls = asArray(message.tool_calls).map((value) => {
    const { id, function: called } = asRecord(value) ?? {};
    const { name, arguments: input } = asRecord(called) ?? {};
    return `call ${String(id)} ${String(name)} ${String(input)}`;
  });
  return [
    ...(thought === null ? [] : [`thought ${thought}`]),
    ...partsIn(content).map((part) => `${role} ${part}`),
    ...calls,
  ];
}

function textsIn(content: unknown): string[] {
  const text = asString(content);
  if (text !== null) return text === '' ? [] : [text];
  return asArray(content).flatMap((part) => asString(asRecord(part)?.text) ?? []);
}

/** Texts and pictures in their order. */
function partsIn(content: unknown): string[] {
  if (!Array.isArray(content)) return textsIn(content);
  return content.flatMap((part) => {
    const url = asString(asRecord(asRecord(part)?.image_url)?.url);
    return url === null ? textsIn([part]) : [`image ${url}`];
  });
}

function readTool(value: unknown): ToolWanted {
  const { name, description, parameters } = asRecord(asRecord(value)?.function) ?? {};
  return { name: String(name), description: String(description), schema: asRecord(parameters) ?? {} };
}
