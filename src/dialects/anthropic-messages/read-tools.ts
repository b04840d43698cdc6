/**
 * Reads `tools` and `tool_choice`. A tool that Anthropic runs or knows by its type, or a choice that is not known, is an
 * extension that no other dialect may leave out: a wrong or a missing tool call can do harm, and a header that lists what
 * was dropped cannot undo it.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Tool, ToolChoice } from '../hub.ts';
import { invalidValue } from '../refusal.ts';
import { cacheMark } from '../wishes.ts';
import type { Extensions } from './extensions.ts';

interface ReadTools {
  readonly tools: readonly Tool[];
  readonly choice: ToolChoice | null;
  /** Whether several may be called at once; null if the client does not say. */
  readonly parallel: boolean | null;
}

const none: ReadTools = { tools: [], choice: null, parallel: null };

const OTHER_TOOL = 'should be a tool with a schema of its own: this provider has no other tools';

const known = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control']);

/** Throws `GatewayError` (400) that names the wrong field. A choice without tools means nothing. */
export function readTools({ tools: value, tool_choice: choice }: JsonRecord, extensions: Extensions): ReadTools {
  if (value === undefined || value === null) return none;
  if (!Array.isArray(value)) throw invalidValue('tools', 'should be an array');
  if (value.length === 0) return none;
  const tools = value.flatMap((tool, position) => readTool(asRecord(tool), `tools[${position}]`, extensions));
  return { tools, ...readChoice(choice, extensions) };
}

function readTool(tool: JsonRecord | null, path: string, extensions: Extensions): Tool[] {
  if (tool === null) throw invalidValue(path, 'should be an object');
  if ((tool.type ?? 'custom') !== 'custom') {
    extensions.addTool(path, tool, familyOf(asString(tool.type)), OTHER_TOOL);
    return [];
  }
  const name = asString(tool.name);
  if (name === null) throw invalidValue(`${path}.name`, 'should be a string');
  const schema = asRecord(tool.input_schema);
  if (schema === null) throw invalidValue(`${path}.input_schema`, 'should be an object');
  extensions.addRest(tool, known, 'tools');
  const isStrict = tool.strict === true;
  return [{ name, description: asString(tool.description), schema, isStrict, cache: cacheMark(tool.cache_control) }];
}

/** Without the version at its end: `web_search_20250305` is `web_search`. */
function familyOf(type: string | null): string | null {
  return type?.replace(/_\d{8}$/, '') ?? null;
}

function readChoice(value: unknown, extensions: Extensions): Pick<ReadTools, 'choice' | 'parallel'> {
  if (value === undefined || value === null) return { choice: null, parallel: null };
  const record = asRecord(value);
  const alone = record?.disable_parallel_tool_use;
  const choice = choiceOf(record);
  if (choice === null) extensions.add('tool_choice', value, 'should be any, auto, none or a tool for this provider');
  return { choice, parallel: typeof alone === 'boolean' ? !alone : null };
}

/** Null for a choice of another kind. */
function choiceOf(choice: JsonRecord | null): ToolChoice | null {
  switch (choice?.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'any':
      return { type: 'required' };
    case 'tool': {
      const name = asString(choice.name);
      return name === null ? null : { type: 'tool', name };
    }
    default:
      return null;
  }
}
