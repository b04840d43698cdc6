/**
 * The parameters of a request that a configuration sets or takes out. It does so in the client's own bytes, before
 * anything else is made of them: what follows is as if the client had sent it so.
 */
import type { FieldRules } from '../wire/field-rules.ts';
import { edited, insertField, type JsonEdit, removeFields, renameField, setJson } from '../wire/json-edit.ts';
import type { Bytes } from '../wire/pieced-bytes.ts';
import type { TopFields } from '../wire/top-fields.ts';

/** A parameter that is set if the client has not sent it. */
interface SetParameter {
  readonly name: string;
  /** Its value as JSON. */
  readonly json: string;
}

/**
 * The parameters by dialect, where dialects differ in them. One that another dialect has, and the request's own does not,
 * is not set: a provider would refuse it. One that nobody here knows is set in any.
 */
const byDialect: Readonly<Record<string, readonly string[]>> = {
  'openai-chat': [
    ...['audio', 'cache_control', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs'],
    ...['max_completion_tokens', 'max_tokens', 'metadata', 'modalities', 'moderation', 'n', 'output_config'],
    ...['parallel_tool_calls', 'prediction', 'presence_penalty', 'prompt_cache_key', 'prompt_cache_options'],
    ...['prompt_cache_retention', 'reasoning_effort', 'response_format', 'safety_identifier', 'seed', 'service_tier'],
    ...['stop', 'store', 'stream_options', 'temperature', 'thinking', 'tool_choice', 'tools', 'top_k', 'top_logprobs'],
    ...['top_p', 'user', 'verbosity', 'web_search_options'],
  ],
  'openai-responses': [
    ...['background', 'context_management', 'conversation', 'include', 'instructions', 'max_output_tokens'],
    ...['max_tool_calls', 'metadata', 'moderation', 'parallel_tool_calls', 'previous_response_id', 'prompt_cache_key'],
    ...['prompt_cache_options', 'prompt_cache_retention', 'reasoning', 'safety_identifier', 'service_tier', 'store'],
    ...['stream_options', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'truncation', 'user'],
  ],
  'anthropic-messages': [
    ...['cache_control', 'compaction', 'container', 'context_management', 'inference_geo', 'max_tokens', 'mcp_servers'],
    ...['metadata', 'output_config', 'output_format', 'service_tier', 'speed', 'stop_sequences', 'system'],
    ...['temperature', 'thinking', 'tool_choice', 'tools', 'top_k', 'top_p'],
  ],
  'anthropic-count-tokens': [
    ...['cache_control', 'context_management', 'mcp_servers', 'output_config', 'output_format', 'speed', 'system'],
    ...['thinking', 'tool_choice', 'tools'],
  ],
  'openai-completions': [
    ...[
      'best_of',
      'echo',
      'frequency_penalty',
      'logit_bias',
      'logprobs',
      'max_tokens',
      'n',
      'presence_penalty',
      'seed',
    ],
    ...['stop', 'stream_options', 'suffix', 'temperature', 'top_p', 'user'],
  ],
};

const known: ReadonlySet<string> = new Set(Object.values(byDialect).flat());

/** Whether a parameter may be set in requests of a dialect. */
export function takes(dialect: string, name: string): boolean {
  const own = byDialect[dialect];
  return own === undefined || own.includes(name) || !known.has(name);
}

/** Two names of one parameter: OpenAI refuses a request with both. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['max_tokens', 'max_completion_tokens'],
  ['max_completion_tokens', 'max_tokens'],
]);

/** The other name by which a client may have sent a parameter; null where there is none. */
export function otherNameOf(name: string): string | null {
  return otherNames.get(name) ?? null;
}

/** A request with its parameters edited. */
interface EditedParameters {
  readonly bytes: Bytes;
  /** Names of those that were taken out. */
  readonly dropped: readonly string[];
  /** Names of those that were set. */
  readonly set: readonly string[];
}

/**
 * Takes out parameters, then sets those that are not there; null counts as not there, since it asks for the provider's own
 * default. The same buffer comes back if nothing is to be done.
 *
 * @param fields where the names of both are in the bytes, and the other names of what is set
 */
export function editParameters(
  bytes: Buffer,
  fields: TopFields,
  drop: readonly string[],
  defaults: readonly SetParameter[],
): EditedParameters {
  const isDropped = ({ name }: { readonly name: string }) => drop.includes(name);
  const gone = fields.all.filter(isDropped);
  const edits: JsonEdit[] = removeFields(
    bytes,
    gone.map(({ value }) => value),
  );
  const added: JsonEdit[] = [];
  const set: string[] = [];
  const isGiven = (name: string | null) =>
    fields.all.some((field) => field.name === name && !isDropped(field) && !isNull(bytes, field.value));
  for (const { name, json } of defaults) {
    if (isGiven(otherNameOf(name))) continue;
    const given = drop.includes(name) ? undefined : fields.all.findLast((field) => field.name === name);
    if (given === undefined) added.push(insertField(bytes, fields.root, name, json));
    else if (isNull(bytes, given.value)) edits.push(setJson(given.value, json));
    else continue;
    set.push(name);
  }
  edits.sort((one, other) => one.at.start - other.at.start);
  return {
    bytes: edited(bytes, [...edits, ...added]),
    dropped: [...new Set(gone.map(({ name }) => name))],
    set,
  };
}

/**
 * A request of which a server gets the fields that it knows. The same buffer comes back if nothing is to be done.
 *
 * @param fields where the names that the rules are about are in the bytes
 */
export function withFieldRules(
  bytes: Buffer,
  fields: TopFields,
  { leftOut = [], renamed = {} }: FieldRules,
): Pick<EditedParameters, 'bytes' | 'dropped'> {
  const gone = fields.all.filter(({ name }) => leftOut.includes(name));
  const isThere = (name: string) => fields.all.some((field) => field.name === name);
  const renames = fields.all.flatMap(({ name, value }) => {
    const other = renamed[name];
    return other === undefined || isThere(other) ? [] : [renameField(bytes, value, other)];
  });
  const edits = [
    ...removeFields(
      bytes,
      gone.map(({ value }) => value),
    ),
    ...renames,
  ];
  edits.sort((one, other) => one.at.start - other.at.start);
  return { bytes: edited(bytes, edits), dropped: [...new Set(gone.map(({ name }) => name))] };
}

function isNull(bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): boolean {
  return end - start === 4 && bytes.toString('latin1', start, end) === 'null';
}
