/**
 * Reads `tools` and `tool_choice`. A tool that is not a function, or a choice that is not known, is an extension that no
 * other dialect may leave out: a wrong or a missing tool call can do harm, and a header that lists what was dropped
 * cannot undo it.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Tool, ToolChoice } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { cacheMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';

interface ReadTools {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice | null;
}

const none: ReadTools = { tools: [], choice: null };

const OTHER_TOOL = 'should be a function: this provider takes no other tools';

const known = new Set(['type', 'function', 'cache_control']);
const knownOfFunctions = new Set(['name', 'description', 'parameters', 'strict', 'cache_control']);

/** Throws `GatewayError` (400) that names the wrong field. A choice without tools means nothing. */
export function readTools(body: JsonRecord, extensions: Extensions): ReadTools {
  const { tools: value } = body;
  if (value === undefined || value === null) return none;
  if (!Array.isArray(value)) throw invalidValue('tools', 'should be an array');
  if (value.length === 0) return none;
  const tools: Tool[] = [];
  for (const [position, tool] of value.entries()) {
    const path = `tools[${position}]`;
    const read = readTool(asRecord(tool), path, extensions);
    if (read !== null) tools.push(read);
    else addOther(path, tool, extensions);
  }
  const choice = readChoice(body.tool_choice);
  if (choice === undefined) {
    const refusal = 'should be auto, required, none or a function for this provider';
    extensions.add('tool_choice', body.tool_choice, refusal);
  }
  return { tools, choice: choice ?? null };
}

/** A custom tool is the client's own: it is never left out. */
function addOther(path: string, tool: unknown, extensions: Extensions): void {
  const type = asString(asRecord(tool)?.type);
  if (type === 'custom') extensions.add(path, tool, OTHER_TOOL);
  else extensions.addTool(path, tool, type, OTHER_TOOL);
}

/** Null for what is no function. */
function readTool(tool: JsonRecord | null, path: string, extensions: Extensions): Tool | null {
  const described = asRecord(tool?.function);
  if (tool?.type !== 'function' || described === null) return null;
  const name = asString(described.name);
  if (name === null) throw invalidValue(`${path}.function.name`, 'should be a string');
  extensions.addRest(tool, known, 'tools');
  extensions.addRest(described, knownOfFunctions, 'tools');
  // Clients set it at either place.
  const cache = cacheMark(tool.cache_control) ?? cacheMark(described.cache_control);
  if (cache === null) extensions.add('tools.cache_control', tool.cache_control ?? described.cache_control);
  return {
    name,
    description: asString(described.description),
    schema: asRecord(described.parameters),
    isStrict: described.strict === true,
    cache,
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
