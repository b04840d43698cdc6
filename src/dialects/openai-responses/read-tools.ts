/**
 * Reads `tools` and `tool_choice`. A tool that OpenAI runs or that only its models know, or a choice that is not known, is
 * an extension that no other dialect may leave out: a wrong or a missing tool call can do harm, and a header that lists
 * what was dropped cannot undo it.
 */
import { asArray, asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Tool, ToolChoice } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { cacheMark } from '../wishes.ts';
import { CUSTOM_INPUT, calledName, listedTools, toolLists } from './client-tools.ts';
import type { Extensions } from './extensions.ts';

interface ReadTools {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice | null;
}

const none: ReadTools = { tools: [], choice: null };

const OTHER_TOOL = 'should be a function or a custom tool: this provider has no other tools';

/** What is read of a tool; the rest may be left out. */
const known = new Set(['type', 'name', 'description', 'parameters', 'strict', 'format', 'cache_control']);

/** Throws `GatewayError` (400) that names the wrong field. A choice without tools means nothing. */
export function readTools(body: JsonRecord, extensions: Extensions): ReadTools {
  const tools = new Map<string, Tool>();
  for (const { tools: list, path: at } of toolLists(body)) {
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) throw invalidValue(at, 'should be an array');
    for (const { tool, namespace, path } of listedTools(list, at)) {
      const read = readTool(tool, namespace, path, extensions);
      if (read === null) continue;
      // What an agent adds may be there already.
      if (at === 'tools' && tools.has(read.name)) throw invalidValue(path, 'has the name of another tool');
      tools.set(read.name, read);
    }
    for (const tool of list) {
      const { type, description } = asRecord(tool) ?? {};
      if (type === 'namespace') extensions.add('tools.namespace.description', description);
    }
  }
  return tools.size === 0 ? none : chosen([...tools.values()], body.tool_choice, extensions);
}

/** Null for a tool of another kind. */
function readTool(
  tool: JsonRecord | null,
  namespace: string | null,
  path: string,
  extensions: Extensions,
): Tool | null {
  if (tool === null) throw invalidValue(path, 'should be an object');
  if (tool.type !== 'function' && tool.type !== 'custom') {
    extensions.addTool(path, tool, asString(tool.type), OTHER_TOOL);
    return null;
  }
  const own = asString(tool.name);
  if (own === null) throw invalidValue(`${path}.name`, 'should be a string');
  extensions.addRest(tool, known, 'tools');
  const cache = cacheMark(tool.cache_control);
  if (cache === null) extensions.add('tools.cache_control', tool.cache_control);
  const isCustom = tool.type === 'custom';
  return {
    name: calledName(namespace, own),
    description: asString(tool.description),
    schema: isCustom ? customSchema(asRecord(tool.format), extensions) : asRecord(tool.parameters),
    isStrict: tool.strict === true,
    cache,
  };
}

/** Nothing holds the model to a grammar here: it is told of it. */
function customSchema(format: JsonRecord | null, extensions: Extensions): JsonRecord {
  const definition = asString(format?.definition);
  if (definition !== null) extensions.add('tools.format', format);
  const form =
    definition === null ? '' : ` It follows this grammar (${asString(format?.syntax) ?? 'lark'}):\n${definition}`;
  return {
    type: 'object',
    properties: { [CUSTOM_INPUT]: { type: 'string', description: `The input of the tool, as plain text.${form}` } },
    required: [CUSTOM_INPUT],
    additionalProperties: false,
  };
}

function chosen(tools: readonly Tool[], value: unknown, extensions: Extensions): ReadTools {
  if (value === undefined || value === null) return { tools, choice: null };
  if (value === 'auto' || value === 'required' || value === 'none') return { tools, choice: { type: value } };
  const record = asRecord(value);
  if (record?.type === 'allowed_tools' && (record.mode === 'auto' || record.mode === 'required')) {
    const allowed = new Set(asArray(record.tools).map((tool) => nameIn(asRecord(tool))));
    return { tools: tools.filter(({ name }) => allowed.has(name)), choice: { type: record.mode } };
  }
  const name = nameIn(record);
  if (name !== null) return { tools, choice: { type: 'tool', name } };
  extensions.add('tool_choice', value, 'should be auto, required, none or a tool of the request for this provider');
  return { tools, choice: null };
}

/** The name of a function or a custom tool, as other dialects know it. */
function nameIn(choice: JsonRecord | null): string | null {
  const name = asString(choice?.name);
  const isOfClient = choice?.type === 'function' || choice?.type === 'custom';
  return isOfClient && name !== null ? calledName(asString(choice.namespace), name) : null;
}
