/** A configuration of LiteLLM's as one of ours, with all that was not carried over. Pure. */
import { asRecord, type JsonRecord } from '../../shared/json.ts';
import { type ModelBlock, readFallbacks, readModels, type Target, targetKey } from './models.ts';
import { type Left, LitellmSource } from './source.ts';
import { duration, isLiteral, LITERAL_KEY, valueText } from './value-text.ts';

/** What comes of a file. */
export interface Converted {
  /** In the shape of our file. */
  readonly config: JsonRecord;
  readonly left: readonly Left[];
}

/** LiteLLM's strategies with our balance. */
const balances: Readonly<Record<string, string>> = {
  'simple-shuffle': 'weighted',
  'least-busy': 'load',
  'latency-based-routing': 'latency',
};

/** Converts the parsed file. */
export function convertLitellm(tree: JsonRecord): Converted {
  const source = new LitellmSource(tree);
  const { models, providers } = readModels(source);
  setBalance(source, models);
  addFallbacks(source, models);
  addAliases(source, models);
  const keys = source.takeText('general_settings', 'master_key');
  if (keys !== undefined && isLiteral(keys)) {
    source.leave(['general_settings', 'master_key'], LITERAL_KEY);
  }
  const config = {
    version: 1,
    server: { port: 4000, ...(keys === undefined ? {} : { keys: [valueText(keys)] }) },
    providers,
    models: Object.fromEntries(models),
    ...attempts(source),
    ...totalTime(source),
  };
  if (source.take('litellm_settings', 'drop_params') !== undefined) {
    source.leave(
      ['litellm_settings', 'drop_params'],
      'needs no setting: what a target cannot express is left out and named',
    );
  }
  return { config, left: source.left(whyOf) };
}

function setBalance(source: LitellmSource, models: ReadonlyMap<string, ModelBlock>): void {
  const at = ['router_settings', 'routing_strategy'] as const;
  const strategy = source.takeText(...at) ?? 'simple-shuffle';
  const balance = balances[strategy];
  if (balance === undefined) source.leave(at, `there is no balance for ${strategy}: models are balanced by weight`);
  for (const model of models.values()) {
    if (model.targets.some((level) => Array.isArray(level))) model.balance = balance ?? 'weighted';
  }
}

/** What is asked after a model are further levels of its targets. Chains of fallbacks are not followed. */
function addFallbacks(source: LitellmSource, models: ReadonlyMap<string, ModelBlock>): void {
  const before = new Map([...models].map(([name, { targets }]) => [name, targets]));
  for (const part of ['router_settings', 'litellm_settings']) {
    for (const { name, model, known } of knownFallbacks(source, [part, 'fallbacks'], models)) {
      if (model !== undefined) {
        const levels = asLevels(model);
        const seen = new Set(levels.flat().map(targetKey));
        for (const other of known) {
          for (const level of asLevels({ targets: before.get(other) ?? [] })) {
            const further = level.filter((target) => !seen.has(targetKey(target)));
            if (further.length < level.length) {
              source.leave([part, 'fallbacks'], `${name} → ${other}: a target that ${name} has already is asked once`);
            }
            for (const target of further) seen.add(targetKey(target));
            if (further.length > 0) levels.push(further);
          }
        }
        model.targets = levels;
      }
    }
    for (const { model, known } of knownFallbacks(source, [part, 'context_window_fallbacks'], models)) {
      if (model !== undefined && known.length > 0) model.fallbacks = { context: known };
    }
  }
}

/** The fallbacks at a path, with the models that are in the list; those that are not are named. */
function knownFallbacks(source: LitellmSource, path: readonly string[], models: ReadonlyMap<string, ModelBlock>) {
  return readFallbacks(source, path).map(([name, others]) => {
    const model = models.get(name);
    const known = others.filter((other) => models.has(other));
    if (model === undefined || known.length < others.length) {
      source.leave(path, `${name} → ${others.join(', ')}: a model that is not in the list is left out`);
    }
    return { name, model, known };
  });
}

/** Each level as a list: with a balance, targets that stand alone would be one level together. */
function asLevels({ targets }: Pick<ModelBlock, 'targets'>): (readonly Target[])[] {
  return targets.map((level) => (Array.isArray(level) ? level : [level]));
}

function addAliases(source: LitellmSource, models: ReadonlyMap<string, ModelBlock>): void {
  const at = ['router_settings', 'model_group_alias'] as const;
  for (const [alias, given] of Object.entries(asRecord(source.look(...at)) ?? {})) {
    const name = typeof given === 'string' ? given : asRecord(given)?.model;
    const model = models.get(String(name));
    source.take(...at, alias);
    if (asRecord(given)?.hidden === true) {
      source.leave([...at, alias, 'hidden'], 'clients see the names of aliases in /v1/models');
    }
    if (model === undefined) source.leave([...at, alias], `${String(name)} is not in the list of models`);
    else model.aliases = [...(model.aliases ?? []), alias];
  }
}

/** LiteLLM counts retries, and we attempts. */
function attempts(source: LitellmSource): JsonRecord {
  const retries = source.takeFirst(['router_settings', 'num_retries'], ['litellm_settings', 'num_retries']);
  return retries === undefined ? {} : { retry: { attempts: Math.min(10, Math.max(1, retries + 1)) } };
}

function totalTime(source: LitellmSource): JsonRecord {
  const seconds = source.takeFirst(['router_settings', 'timeout'], ['litellm_settings', 'request_timeout']);
  return seconds === undefined ? {} : { timeouts: { total: duration(seconds) } };
}

/** Reasons for parts of a file that nothing here reads, by the beginning of their path. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /\.(?:rpm|tpm|max_parallel_requests|global_max_parallel_requests)$/,
    'targets have no limits of their own: a 429 lets a target cool down, and the next one is asked',
  ],
  [/^model_list\[\d+\]\.model_info/, 'says nothing about where requests go'],
  [/redis|^litellm_settings\.cache|cache_params/, 'answers are not cached, and hosts share no store'],
  [/callback|langfuse|alerting|otel/, 'no callbacks: Prometheus (/metrics), the log, and OpenTelemetry (`tracing`)'],
  [
    /custom_auth|litellm_jwtauth|enable_jwt_auth|custom_sso/,
    'clients have the keys of `server.keys`: a proxy before the gateway can do more, see deploy/security.md',
  ],
  [
    /database|store_model_in_db|master_key|ui_|allowed_routes|budget/,
    'no database: models and keys stand in this file, spend in `headgate spend`',
  ],
  [
    /allowed_fails|cooldown_time|disable_cooldowns/,
    'circuits and cooldowns decide: see `circuit`, and deploy/operate.md',
  ],
  [/content_policy_fallbacks|default_fallbacks/, 'write further targets under the models'],
  [/^environment_variables/, 'set it in the environment of the gateway'],
  [/^guardrails|^mcp_servers|^vector_store|^search_tools|^prompts/, 'not a part of this gateway'],
];

function whyOf(path: string): string {
  return reasons.find(([pattern]) => pattern.test(path))?.[1] ?? 'has no counterpart here';
}
