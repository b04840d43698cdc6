/**
 * When the fake provider calls a tool, and with what arguments: the rule is the same in both dialects, so that a
 * failover in the middle of a conversation with tools can be tried out.
 *
 * A tool is called when tools are given, the conversation does not end in a tool's result, and either the choice demands
 * it or the last user message says "use a tool" (in any case). It is the tool that the choice names, else the first.
 */
import { isRecord } from './json-reading.ts';

/** A tool on offer, in no dialect; `schema` is the JSON Schema of its arguments. */
export interface OfferedTool {
  readonly name: string;
  readonly schema: unknown;
}

/** `auto` leaves it to the prompt; an object demands that very tool. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** The call to make, or null for an answer in words. */
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

/** A value that fits the schema's required parts; what it cannot make up becomes null. */
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
