/**
 * Deployments of LiteLLM's as models with targets. Those of one name are one level of preference, or several by their
 * `order`; what LiteLLM falls back to are further levels.
 */
import { isDeepStrictEqual } from 'node:util';
import { asRecord } from '../../shared/json.ts';
import { FoundProviders, type ProviderBlock, readModelName } from './providers.ts';
import type { LitellmSource } from './source.ts';
import { duration } from './value-text.ts';

/** A target's block. */
export type Target = Readonly<Record<string, unknown>>;

/** A model's block. */
export interface ModelBlock {
  aliases?: readonly string[];
  balance?: string;
  fallbacks?: { readonly context: readonly string[] };
  defaults?: Readonly<Record<string, unknown>>;
  drop?: readonly string[];
  targets: readonly (Target | readonly Target[])[];
}

interface Deployment {
  readonly at: readonly (string | number)[];
  readonly name: string;
  readonly order: number;
  readonly target: Target;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly drop: readonly string[];
}

/** Parameters of requests that a deployment may set. */
const PARAMETERS = [
  ...['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'seed', 'stop', 'response_format'],
  ...['reasoning_effort', 'verbosity', 'service_tier', 'logit_bias', 'user', 'parallel_tool_calls'],
] as const;

/** All models by name, and the providers that they need. */
export function readModels(source: LitellmSource): {
  readonly models: Map<string, ModelBlock>;
  readonly providers: Readonly<Record<string, ProviderBlock>>;
} {
  const providers = new FoundProviders(source);
  const listed = source.look('model_list');
  const count = Array.isArray(listed) ? listed.length : 0;
  const deployments = Array.from({ length: count }, (_, index) => readDeployment(source, index, providers)).flat();
  const byName = new Map<string, Deployment[]>();
  for (const each of deployments) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const models = new Map([...byName].map(([name, list]) => [name, modelOf(list, source)] as const));
  return { models, providers: providers.blocks };
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
  const { type, prefix, model } = readModelName(asked, source.takeText(...params, 'custom_llm_provider'));
  if (type === null) {
    const which = prefix === '' ? `which provider ${asked} is of is not said` : `there is no type for ${prefix}`;
    source.leave(at, `${which}: if it speaks OpenAI's API, add a provider of type openai with its base_url`);
    return [];
  }
  const target: Record<string, unknown> = { provider: providers.nameOf(type, params), model };
  const limit = source.takeNumber(...params, 'max_tokens');
  if (limit !== undefined) target.max_tokens = limit;
  const weight = source.takeNumber(...params, 'weight');
  if (weight !== undefined && weight > 0) target.weight = weight;
  const timeouts = readTimeouts(source, params);
  if (timeouts !== null) target.timeouts = timeouts;
  const price = readPrice(source, at);
  if (price !== null) target.price = price;
  const defaults = Object.fromEntries(
    PARAMETERS.flatMap((parameter) => {
      const value = source.take(...params, parameter);
      return value === undefined ? [] : [[parameter, value]];
    }),
  );
  const dropped = source.take(...params, 'additional_drop_params');
  const drop = Array.isArray(dropped) ? dropped.filter((each) => typeof each === 'string' && /^\w+$/.test(each)) : [];
  return [{ at: params, name, order: source.takeNumber(...params, 'order') ?? 1, target, defaults, drop }];
}

function readTimeouts(source: LitellmSource, params: readonly (string | number)[]): object | null {
  const total = source.takeNumber(...params, 'timeout');
  const stream = source.takeNumber(...params, 'stream_timeout');
  if (total === undefined && stream === undefined) return null;
  return {
    ...(total === undefined ? {} : { total: duration(total) }),
    ...(stream === undefined ? {} : { first_content: duration(stream) }),
  };
}

const PRICES = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cache_read',
  cache_creation_input_token_cost: 'cache_write',
} as const;

const PER_MILLION = 1_000_000;

/** In dollars per million tokens; LiteLLM has dollars per token, in either of two places. */
function readPrice(source: LitellmSource, at: readonly (string | number)[]): object | null {
  const entries = Object.entries(PRICES).flatMap(([theirs, ours]) => {
    const given = source.takeFirst([...at, 'litellm_params', theirs], [...at, 'model_info', theirs]);
    // Ten digits: a product of doubles is not what the page of the provider says.
    return given === undefined ? [] : [[ours, Number((given * PER_MILLION).toPrecision(10))] as const];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** A target stands once in a model: of those that are the same, the first. */
function withoutCopies(deployments: readonly Deployment[], source: LitellmSource): readonly Deployment[] {
  const seen = new Set<string>();
  return deployments.filter(({ at, name, target }) => {
    const key = targetKey(target);
    if (seen.has(key)) source.leave(at, `the same target as another of ${name}, which is written once`);
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

/** Names a target within a model. */
export function targetKey({ provider, model }: Target): string {
  return `${String(provider)}/${String(model)}`;
}

/** Parameters belong to a model here: of deployments that differ in one, the first decides. */
function modelOf(given: readonly Deployment[], source: LitellmSource): ModelBlock {
  const deployments = withoutCopies(given, source);
  const orders = [...new Set(deployments.map(({ order }) => order))].sort((one, other) => one - other);
  const levels = orders.map((order) => deployments.filter((each) => each.order === order).map(({ target }) => target));
  const block: ModelBlock = { targets: levels.map((level) => (level.length === 1 ? (level[0] ?? level) : level)) };
  const defaults: Record<string, unknown> = {};
  for (const each of deployments) {
    for (const [parameter, value] of Object.entries(each.defaults)) {
      if (!(parameter in defaults)) {
        defaults[parameter] = value;
        if (deployments.some((other) => !(parameter in other.defaults)))
          source.leave([...each.at, parameter], `is set for all of ${each.name}, not for this deployment alone`);
      } else if (!isDeepStrictEqual(defaults[parameter], value)) {
        source.leave(
          [...each.at, parameter],
          `${JSON.stringify(defaults[parameter])} of another deployment is for all of ${each.name}`,
        );
      }
    }
  }
  if (Object.keys(defaults).length > 0) block.defaults = defaults;
  const drop = [...new Set(deployments.flatMap((each) => each.drop))];
  if (drop.length > 0) block.drop = drop;
  return block;
}

/** `[{ a: [b, c] }]` as pairs; other forms are left. */
export function readFallbacks(source: LitellmSource, path: readonly string[]): [string, string[]][] {
  const list = source.take(...path);
  if (list === undefined) return [];
  const entries = (Array.isArray(list) ? list : [list]).flatMap((each) => Object.entries(asRecord(each) ?? {}));
  return entries.map(([name, others]) => {
    const names = (Array.isArray(others) ? others : [others]).filter((other) => typeof other === 'string');
    return [name, names];
  });
}
