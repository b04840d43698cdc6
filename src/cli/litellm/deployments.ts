/** One entry of `model_list`: a target, and what it says of its model. */
import { asRecord } from '../../shared/json.ts';
import { unservedKind } from './kinds.ts';
import { readModelName } from './model-name.ts';
import type { FoundProviders } from './providers.ts';
import type { LitellmSource, Path } from './source.ts';
import { readTimeouts } from './timeouts.ts';
import { numberOf, withReferences } from './value-text.ts';

/** A target's block. */
export type Target = Readonly<Record<string, unknown>>;

/** What LiteLLM spreads requests by: the first of these that a deployment of the model has. */
export const SHARES = ['weight', 'rpm', 'tpm'] as const;

/** An entry of the list. */
export interface Deployment {
  /** Where its parameters stand. */
  readonly at: Path;
  /** Of its model. */
  readonly name: string;
  readonly order: number;
  readonly target: Target;
  readonly shares: Readonly<Partial<Record<(typeof SHARES)[number], number>>>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly drop: readonly string[];
}

/** Parameters of requests that a deployment may set. */
const PARAMETERS = [
  ...['temperature', 'top_p', 'top_k', 'presence_penalty', 'frequency_penalty', 'seed', 'stop', 'response_format', 'n'],
  ...['reasoning_effort', 'verbosity', 'service_tier', 'logit_bias', 'logprobs', 'top_logprobs', 'user', 'thinking'],
  ...[
    'parallel_tool_calls',
    'max_completion_tokens',
    'tools',
    'tool_choice',
    'modalities',
    'dimensions',
    'web_search_options',
  ],
] as const;

/** APIs of other forms, in which fields that nobody here knows would stand at the wrong place. */
const OTHER_APIS: ReadonlySet<string> = new Set(['anthropic', 'gemini', 'vertex', 'bedrock']);

/** All entries that can be carried over; the others are named. */
export function readDeployments(source: LitellmSource, providers: FoundProviders): Deployment[] {
  const list = source.look('model_list');
  if (list !== undefined && !Array.isArray(list)) source.leave(['model_list'], 'should be a list');
  const count = Array.isArray(list) ? list.length : 0;
  return Array.from({ length: count }, (_, index) => readDeployment(source, index, providers)).flat();
}

function readDeployment(source: LitellmSource, index: number, providers: FoundProviders): Deployment[] {
  const at = ['model_list', index] as const;
  const params = [...at, 'litellm_params'] as const;
  const name = source.takeText(...at, 'model_name');
  const asked = source.takeText(...params, 'model');
  if (name === undefined || asked === undefined) {
    source.leave(at, 'has no `model_name`, or no `litellm_params.model`');
    return [];
  }
  const named = readModelName(asked, source.takeText(...params, 'custom_llm_provider'));
  const { type } = named;
  if (type === null) {
    source.leave(at, whyNone(asked, named.prefix));
    return [];
  }
  const target: Record<string, unknown> = {
    provider: providers.nameOf({ ...named, type }, params),
    // The name of a profile or a provisioned model of Bedrock's, by which it is asked.
    model: source.takeText(...params, 'model_id') ?? named.model,
  };
  const kind = unservedKind(type, named.model, source.look(...at, 'model_info', 'mode'));
  if (kind !== null) source.note([...params, 'model'], `${kind}: a provider of type ${type} is not asked for it here`);
  const limit = source.takeNumber(...params, 'max_tokens');
  if (limit !== undefined) target.max_tokens = limit;
  const timeouts = readTimeouts(source, [[...params, 'timeout']], [[...params, 'stream_timeout']]);
  if (timeouts !== null) target.timeouts = timeouts;
  const price = readPrice(source, at);
  if (price !== null) target.price = price;
  const shares = Object.fromEntries(
    SHARES.flatMap((share) => {
      const value = numberOf(source.look(...params, share));
      return value === undefined ? [] : [[share, value]];
    }),
  );
  const order = source.takeNumber(...params, 'order') ?? 1;
  return [
    {
      at: params,
      name,
      order,
      target,
      shares,
      defaults: readDefaults(source, params, type),
      drop: readDrop(source, params),
    },
  ];
}

/** Why the provider of a name is not known, and what helps. */
function whyNone(asked: string, prefix: string): string {
  const cure = 'if it speaks OpenAI’s API, add a provider of type openai with its base_url';
  if (asked.startsWith('os.environ/')) return `the name stands in a variable, ${asked}: write PROVIDER/MODEL`;
  if (asked === '*') return 'which provider * is of is not said: write a pattern for each, such as openai/*';
  return prefix === ''
    ? `which provider ${asked} is of is not said: ${cure}`
    : `there is no type for ${prefix}: ${cure}`;
}

function readDefaults(source: LitellmSource, params: Path, type: string): Record<string, unknown> {
  const given = PARAMETERS.flatMap((parameter) => {
    const value = source.take(...params, parameter);
    return value === undefined ? [] : [[parameter, withReferences(value)] as const];
  });
  const extra = OTHER_APIS.has(type) ? {} : (asRecord(source.look(...params, 'extra_body')) ?? {});
  if (Object.keys(extra).length > 0) source.take(...params, 'extra_body');
  return { ...Object.fromEntries(given), ...asRecord(withReferences(extra)) };
}

/** Names alone: LiteLLM has paths into a parameter too. */
function readDrop(source: LitellmSource, params: Path): string[] {
  const at = [...params, 'additional_drop_params'];
  return source.takeTexts(...at).filter((name) => {
    const isName = /^\w+$/.test(name);
    if (!isName) source.leave(at, `${name}: only a parameter as a whole can be taken out`);
    return isName;
  });
}

const PRICES = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cache_read',
  cache_creation_input_token_cost: 'cache_write',
} as const;

const PER_MILLION = 1_000_000;

/** In dollars per million tokens; LiteLLM has dollars per token, in either of two places. */
function readPrice(source: LitellmSource, at: Path): object | null {
  const entries = Object.entries(PRICES).flatMap(([theirs, ours]) => {
    const given = source.takeFirst([...at, 'litellm_params', theirs], [...at, 'model_info', theirs]);
    // Ten digits: a product of doubles is not what the page of the provider says.
    return given === undefined ? [] : [[ours, Number((given * PER_MILLION).toPrecision(10))] as const];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
