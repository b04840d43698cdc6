/**
 * What of a request its answer repeats, as OpenAI's does, and by what its writer knows the client's own tools. The long
 * texts of the request stand in it again, and so it has a limit: what is longer is not repeated.
 */
import type { JsonRecord } from '../../shared/json.ts';
import { asRecord, parseJson } from '../../shared/json.ts';
import type { ParsedText } from '../../wire/long-strings.ts';
import { inOneBuffer } from '../../wire/pieced-bytes.ts';
import { invalidValue } from '../refusal.ts';

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
const LONGEST_BYTES = 256 * 1024;

/** Without them a call could not be told from others. */
const LONGEST_TOOLS_BYTES = 1024 * 1024;

/** Throws `GatewayError` (400) for tools that are too long. */
export function kept({ value, encode }: ParsedText): JsonRecord {
  const request = asRecord(value) ?? {};
  const fields = repeated.flatMap((name): [string, unknown][] => {
    const field = request[name];
    if (field === undefined || field === null) return [];
    if (typeof field === 'number' || typeof field === 'boolean') return [[name, field]];
    const json = encode([field]);
    if (name === 'tools' && json.length > LONGEST_TOOLS_BYTES) {
      throw invalidValue(name, `should be at most ${LONGEST_TOOLS_BYTES} bytes for a provider of another dialect`);
    }
    if (name !== 'tools' && json.length > LONGEST_BYTES) return [];
    const [whole] = parseJson(inOneBuffer(json).toString('utf8')) as [unknown];
    return [[name, whole]];
  });
  return Object.fromEntries(fields);
}
