/**
 * What of a request its answer repeats, as OpenAI's does, and by what its writer knows the client's own tools. The long
 * texts of the request stand in it again, and each of a stream's first events, which wait for the first content, has all
 * of it. So a field has a limit, and all of them together: what is longer is not repeated, of tools only their names.
 */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import { type Bytes, inOneBuffer } from '../../wire/pieced-bytes.ts';
import { unsupported } from '../refusal.ts';
import { toolLists } from './client-tools.ts';

const ADDED_TOOLS = 'additional_tools';

/** The tools first: by them the answer is written, and all else is only repeated. */
const repeated = [
  'tools',
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
  'top_p',
  'truncation',
  'user',
];

/** Of a field, and of all. */
const LONGEST_BYTES = 64 * 1024;
const MOST_BYTES = 192 * 1024;

/**
 * The fields as the client sent them; none that is null. Tools that it added in its input are beside its own. Throws
 * `GatewayError` (400) if the tools' names alone are too long.
 */
export function kept({ value, encode }: ParsedText): JsonRecord {
  const request = asRecord(value) ?? {};
  const added = toolLists(request).flatMap(({ tools, path }) => (path === 'tools' ? [] : namesOf(tools)));
  const fields: [string, unknown][] = added.length === 0 ? [] : [[ADDED_TOOLS, decoded(checked(encode([added])))]];
  let bytes = 0;
  for (const name of repeated) {
    const field = request[name];
    if (field === undefined || field === null) continue;
    let json = encode([field]);
    if (json.length > LONGEST_BYTES && name === 'tools') json = checked(encode([namesOf(field)]));
    if (json.length > LONGEST_BYTES || bytes + json.length > MOST_BYTES) continue;
    bytes += json.length;
    fields.push([name, decoded(json)]);
  }
  return Object.fromEntries(fields);
}

/** The one value of a list. */
function decoded(json: Bytes): unknown {
  return asArray(parseJson(inOneBuffer(json).toString('utf8')))[0];
}

/** All tools by which the writer of an answer knows what was called. @param asked what was kept of the request */
export function keptTools(asked: JsonRecord | null | undefined): unknown[] {
  return [...asArray(asked?.tools), ...asArray(asked?.[ADDED_TOOLS])];
}

function checked(names: Bytes): Bytes {
  if (names.length <= LONGEST_BYTES) return names;
  throw unsupported('tools', `should have names of at most ${LONGEST_BYTES} bytes in all for this provider`);
}

/** The tools without what makes them long. */
function namesOf(tools: unknown): unknown[] {
  return asArray(tools).map((value) => {
    const { type, name, tools: inner } = asRecord(value) ?? {};
    return { type, name, ...(inner === undefined ? {} : { tools: namesOf(inner) }) };
  });
}
