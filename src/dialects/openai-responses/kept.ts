/**
 * What of a request its answer repeats, as OpenAI's does, and by what its writer knows the client's own tools. The long
 * texts of the request stand in it again, and each of a stream's first events, which wait for the first content, has all
 * of it. So a field has a limit: what is longer is not repeated, of tools only their names.
 */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import { inOneBuffer } from '../../wire/pieced-bytes.ts';
import { toolLists } from './client-tools.ts';

const ADDED_TOOLS = 'additional_tools';

const repeated = [
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_p',
  'truncation',
  'user',
];

/** Of a field. */
const LONGEST_BYTES = 64 * 1024;

/** The fields as the client sent them; none that is null. Tools that it added in its input are beside its own. */
export function kept({ value, encode }: ParsedText): JsonRecord {
  const request = asRecord(value) ?? {};
  const added = toolLists(request).flatMap(({ tools, path }) => (path === 'tools' ? [] : namesOf(tools)));
  const fields = repeated.flatMap((name): [string, unknown][] => {
    const field = request[name];
    if (field === undefined || field === null) return [];
    if (typeof field === 'number' || typeof field === 'boolean') return [[name, field]];
    const json = encode([field]);
    if (json.length > LONGEST_BYTES) return name === 'tools' ? [[name, namesOf(field)]] : [];
    return [[name, asArray(parseJson(inOneBuffer(json).toString('utf8')))[0]]];
  });
  return { ...Object.fromEntries(fields), ...(added.length === 0 ? {} : { [ADDED_TOOLS]: added }) };
}

/** All tools by which the writer of an answer knows what was called. @param asked what was kept of the request */
export function keptTools(asked: JsonRecord | null | undefined): unknown[] {
  return [...asArray(asked?.tools), ...asArray(asked?.[ADDED_TOOLS])];
}

/** The tools without what makes them long. */
function namesOf(tools: unknown): unknown[] {
  return asArray(tools).map((value) => {
    const { type, name, tools: inner } = asRecord(value) ?? {};
    return { type, name, ...(inner === undefined ? {} : { tools: namesOf(inner) }) };
  });
}
