/**
 * Reads `tools` and `tool_choice`. A tool that is not a function, or a choice that is not known, is an extension that no
 * other dialect may leave out: a wrong or a missing tool call can do harm, and a header that lists what was dropped
 * cannot undo it.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Extension, Tool, ToolChoice } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { CHAT } from './facts.ts';

interface ReadTools {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice | null;
  readonly extensions: readonly Extension[];
}

const none: ReadTools = { tools: [], choice: null, extensions: [] };

/** Throws `GatewayError` (400) that names the wrong field. A choice without tools means nothing. */
export function readTools(body: JsonRecord): ReadTools {
  const { tools: value } = body;
  if (value === undefined || value === null) return none;
  if (!Array.isArray(value)) throw invalidValue('tools', 'should be an array');
  if (value.length === 0) return none;
  const tools: Tool[] = [];
  const extensions: Extension[] = [];
  for (const [position, tool] of value.entries()) {
    const path = `tools[${position}]`;
    const read = readTool(asRecord(tool), path);
    if (read !== null) tools.push(read);
    else extensions.push(foreign(path, tool, 'should be a function: this provider takes no other tools'));
  }
  const choice = readChoice(body.tool_choice);
  if (choice === undefined) {
    const refusal = 'should be auto, required, none or a function for this provider';
    extensions.push(foreign('tool_choice', body.tool_choice, refusal));
  }
  return { tools, choice: choice ?? null, extensions };
}

/** Null for what is no function. */
function readTool(tool: JsonRecord | null, path: string): Tool | null {
  const described = asRecord(tool?.function);
  if (tool?.type !== 'function' || described === null) return null;
  const name = asString(described.name);
  if (name === null) throw invalidValue(`${path}.function.name`, 'should be a string');
  return {
    name,
    description: asString(described.description),
    schema: asRecord(described.parameters),
    isStrict: described.strict === true,
    cache: null,
  };
}

/** Undefined for a choice of another kind. */
function readChoice(choice: unknown): ToolChoice | null | undefined {
  if (choice === undefined || choice === null) return null;
  if (choice === 'auto' || choice === 'required' || choice === 'none') return { type: choice };
  const record = asRecord(choice);
  const name = asString(asRecord(record?.function)?.name);
  return record?.type === 'function' && name !== null ? { type: 'tool', name } : undefined;
}

function foreign(name: string, value: unknown, refusal: string): Extension {
  return { of: CHAT, name, value, refusal };
}
