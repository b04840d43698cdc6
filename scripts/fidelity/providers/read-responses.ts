/** Reads a request for a response as OpenAI does. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import type { ReadRequest, ToolWanted } from '../wanted.ts';

/** @param body as it came */
export function readResponses(body: unknown): ReadRequest {
  const request = asRecord(body) ?? {};
  const input = asString(request.input);
  const items =
    input === null ? asArray(request.input).map((item) => asRecord(item) ?? {}) : [{ role: 'user', content: input }];
  const system = items.filter(({ role }) => role === 'system' || role === 'developer');
  const format = asRecord(asRecord(request.text)?.format);
  const choice = asRecord(request.tool_choice);
  return {
    system: [asString(request.instructions) ?? '', ...system.flatMap(({ content }) => textsIn(content))]
      .filter((text) => text !== '')
      .join('\n'),
    lines: pictured(items.flatMap(linesOf)),
    tools: asArray(request.tools).map(readTool),
    choice: asString(request.tool_choice) ?? asString(choice?.name) ?? 'auto',
    parallel: typeof request.parallel_tool_calls === 'boolean' ? request.parallel_tool_calls : null,
    schema: format?.type === 'json_schema' ? format.schema : null,
    limit: typeof request.max_output_tokens === 'number' ? request.max_output_tokens : null,
    // It has none.
    stop: [],
  };
}

function linesOf(item: JsonRecord): string[] {
  const { type = 'message', role, content } = item;
  switch (type) {
    case 'message':
      return role === 'user' || role === 'assistant' ? partsIn(content).map((part) => `${String(role)} ${part}`) : [];
    case 'reasoning':
      return [`thought ${textsIn(item.summary).join('')}`];
    case 'function_call':
      return [`call ${String(item.call_id)} ${String(item.name)} ${String(item.arguments)}`];
    case 'function_call_output': {
      const parts = partsIn(item.output);
      const images = parts.filter((part) => part.startsWith('image '));
      const texts = parts.filter((part) => !part.startsWith('image '));
      return [`result ${String(item.call_id)} ${texts.join('')}`, ...images.map((image) => `result ${image}`)];
    }
    default:
      return [`an item of type ${String(type)}`];
  }
}

/** Pictures of results stand behind all results, as in `linesOf` of what was wanted. */
function pictured(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  let waiting: string[] = [];
  for (const line of lines) {
    if (line.startsWith('result image ')) {
      waiting.push(line.replace('result image', 'user image'));
      continue;
    }
    if (!line.startsWith('result ')) {
      sorted.push(...waiting);
      waiting = [];
    }
    sorted.push(line);
  }
  return [...sorted, ...waiting];
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
    const url = asString(asRecord(part)?.image_url);
    return url === null ? textsIn([part]) : [`image ${url}`];
  });
}

function readTool(value: unknown): ToolWanted {
  const { name, description, parameters } = asRecord(value) ?? {};
  return { name: String(name), description: String(description), schema: asRecord(parameters) ?? {} };
}
