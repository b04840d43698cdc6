/** Reads a request for a message as Anthropic does. */
import { asArray, asRecord, asString, type JsonRecord } from '../../../src/shared/json.ts';
import type { ReadRequest, ToolWanted } from '../wanted.ts';

const choices: Readonly<Record<string, string>> = { auto: 'auto', any: 'required', none: 'none' };

/** @param body as it came */
export function readMessages(body: unknown): ReadRequest {
  const request = asRecord(body) ?? {};
  const choice = asRecord(request.tool_choice);
  const format = asRecord(asRecord(request.output_config)?.format);
  const alone = choice?.disable_parallel_tool_use;
  const lines = asArray(request.messages).flatMap((message) => linesOf(asRecord(message) ?? {}));
  return {
    system: blocksIn(request.system)
      .map(({ text }) => String(text))
      .join('\n'),
    lines: pictured(lines),
    tools: asArray(request.tools).map(readTool),
    choice: choices[String(choice?.type)] ?? asString(choice?.name) ?? 'auto',
    parallel: typeof alone === 'boolean' ? !alone : null,
    schema: format?.type === 'json_schema' ? format.schema : null,
    limit: typeof request.max_tokens === 'number' ? request.max_tokens : null,
    stop: asArray(request.stop_sequences).map(String),
  };
}

/** A text is one block. */
function blocksIn(content: unknown): JsonRecord[] {
  const text = asString(content);
  return text !== null ? [{ type: 'text', text }] : asArray(content).map((block) => asRecord(block) ?? {});
}

function linesOf({ role, content }: JsonRecord): string[] {
  return blocksIn(content).flatMap((block) => {
    switch (block.type) {
      case 'text':
        return [`${String(role)} ${String(block.text)}`];
      case 'image':
        return [`${String(role)} image ${urlOf(block)}`];
      case 'thinking':
        return [`thought ${String(block.thinking)}`];
      case 'tool_use':
        return [`call ${String(block.id)} ${String(block.name)} ${JSON.stringify(block.input)}`];
      case 'tool_result': {
        const parts = blocksIn(block.content);
        const texts = parts.flatMap(({ type, text }) => (type === 'text' ? String(text) : []));
        const images = parts.flatMap((part) => (part.type === 'image' ? `result image ${urlOf(part)}` : []));
        return [`result ${String(block.tool_use_id)} ${texts.join('')}`, ...images];
      }
      default:
        return [`a block of type ${String(block.type)}`];
    }
  });
}

/** Pictures of results stand behind all results of a turn, as in `linesOf` of what was wanted. */
export function pictured(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  let waiting: string[] = [];
  for (const line of lines) {
    if (line.startsWith('result image ')) waiting.push(line.replace('result image', 'user image'));
    else {
      if (!line.startsWith('result ')) {
        sorted.push(...waiting);
        waiting = [];
      }
      sorted.push(line);
    }
  }
  return [...sorted, ...waiting];
}

function urlOf({ source }: JsonRecord): string {
  const { type, url, media_type: mediaType, data } = asRecord(source) ?? {};
  return type === 'url' ? String(url) : `data:${String(mediaType)};base64,${String(data)}`;
}

function readTool(value: unknown): ToolWanted {
  const { name, description, input_schema: schema } = asRecord(value) ?? {};
  return { name: String(name), description: String(description), schema: asRecord(schema) ?? {} };
}
