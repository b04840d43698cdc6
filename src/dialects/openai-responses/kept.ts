/**
 * What of a request its answer repeats, as OpenAI's does, and by what its writer knows the client's own tools. The long
 * texts of the request stand in it again, and each of a stream's first events, which wait for the first content, has all
 * of it. So a field has a limit, and all of them together: what is longer is not repeated, of tools only their names.
 */
import { asArray, asRecord, type JsonRecord, parseJson } from '../../shared/json.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import { type Bytes, inOneBuffer } from '../../wire/pieced-bytes.ts';
import { unsupported } from '../refusal.ts';

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

/** The fields as the client sent them; none that is null. Throws `GatewayError` (400) if the tools' names alone are too long. */
export function kept({ value, encode }: ParsedText): JsonRecord {
  const request = asRecord(value) ?? {};
  const fields: [string, unknown][] = [];
  let bytes = 0;
  for (const name of repeated) {
    const field = request[name];
    if (field === undefined || field === null) continue;
    let json = encode([field]);
    if (json.length > LONGEST_BYTES && name === 'tools') json = checked(encode([namesOf(field)]));
    if (json.length > LONGEST_BYTES || bytes + json.length > MOST_BYTES) continue;
    bytes += json.length;
    fields.push([name, asArray(parseJson(inOneBuffer(json).toString('utf8')))[0]]);
  }
  return Object.fromEntries(fields);
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
