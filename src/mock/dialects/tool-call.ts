/**
 * Decides when the fake provider calls a tool, and with which arguments. The rule is the same in both dialects, so a
 * failover in the middle of a conversation with tools can be tested.
 *
 * A tool is called if three things hold: tools are given, the conversation does not end with a tool's result, and
 * either the tool choice requires a call or the last user message contains "use a tool" (upper or lower case). The
 * called tool is the one in the tool choice, else the first.
 */
import { isRecord } from './json-reading.ts';

/** A tool of the request, independent of the dialect; `schema` is the JSON Schema of its arguments. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** With `auto` the prompt decides; an object requires this tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The tool call, or null for an answer in text. */
export function chooseTool(
  tools: readonly OfferedTool[],
  choice: ToolChoice,
  prompt: string,
  endsInToolResult: boolean,
): { name: string; arguments: string } | null {
  if (choice === 'none' || endsInToolResult) return null;
  if (choice === 'auto' && !/use a tool/i.test(prompt)) return null;
  const tool = typeof choice === 'object' ? tools.find(({ name }) => name === choice.name) : tools[0];
  return tool === undefined ? null : { name: tool.name, arguments: JSON.stringify(sample(tool.schema)) };
}

/** A value that fits the required parts of the schema. Parts of an unknown type become null. */
function sample(schema: unknown): unknown {
  if (!isRecord(schema)) return {};
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null;
  switch (schema.type) {
    case 'string':
      return 'example';
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return sampleObject(schema);
    default:
      return null;
  }
}

function sampleObject(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.fromEntries(required.map((name) => [String(name), sample(properties[String(name)])]));
}
