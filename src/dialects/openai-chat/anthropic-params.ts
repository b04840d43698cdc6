/**
 * How a client of OpenAI's chat asks Anthropic's models for what chat has under another name or not at all: by Anthropic's
 * own parameters beside OpenAI's (an official client sends them as `extra_body`), by `user`, and by a schema of the answer.
 */
import { asRecord, asString, type JsonRecord } from '../../shared/json.ts';
import type { Extension } from '../hub.ts';

/** What a value must be to be Anthropic's. */
const own: Readonly<Record<string, (value: unknown) => boolean>> = {
  thinking: isRecord,
  cache_control: isRecord,
  output_config: isRecord,
  top_k: (value) => typeof value === 'number',
};

/** By the names of the fields that they were read from; empty where there are none. */
export function anthropicParams(body: JsonRecord): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  for (const [name, isOwn] of Object.entries(own)) {
    if (isOwn(body[name])) found.set(name, extension(name, body[name]));
  }
  const format = answerFormat(body);
  const config = asRecord(body.output_config) ?? {};
  if (format !== null)
    found.set('response_format', extension('output_config', { ...config, format }, 'response_format'));
  const user = asString(body.user);
  if (user !== null && user !== '') found.set('user', extension('metadata', { user_id: user }, 'user'));
  return found;
}

function answerFormat({ response_format: value }: JsonRecord): JsonRecord | null {
  const asked = asRecord(value);
  const schema = asRecord(asRecord(asked?.json_schema)?.schema);
  return asked?.type === 'json_schema' && schema !== null ? { type: 'json_schema', schema } : null;
}

function extension(name: string, value: unknown, at = name): Extension {
  return { of: 'anthropic-messages', name, value, refusal: null, at };
}

function isRecord(value: unknown): boolean {
  return asRecord(value) !== null;
}
