/** A configuration of LiteLLM's as one of ours, with all that was not carried over. Pure. */
import type { JsonRecord } from '../../shared/json.ts';
import { addAliases } from './aliases.ts';
import { readDeployments } from './deployments.ts';
import { addContextFallbacks, addFallbacks } from './fallbacks.ts';
import { groupModels, modelBlock } from './models.ts';
import { Names } from './names.ts';
import { FoundProviders } from './providers.ts';
import { whyOf } from './reasons.ts';
import { type Left, LitellmSource } from './source.ts';
import { duration, readTimeouts } from './timeouts.ts';
import { isLiteral, LITERAL_KEY, reference, valueText } from './value-text.ts';

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

/** Converts the parsed file. @param isSet whether the environment has a variable: it decides where LiteLLM has several */
export function convertLitellm(tree: JsonRecord, isSet: (variable: string) => boolean = () => false): Converted {
  const source = new LitellmSource(tree);
  const providers = new FoundProviders(source, isSet);
  const balance = readBalance(source);
  const names = new Names(groupModels(source, readDeployments(source, providers), balance));
  addAliases(source, names);
  addContextFallbacks(source, names);
  addFallbacks(source, names);
  const config = {
    version: 1,
    server: { port: 4000, keys: readKeys(source) },
    providers: providers.blocks,
    models: Object.fromEntries(Array.from(names.models, ([name, model]) => [name, modelBlock(model, balance)])),
    ...readRetries(source),
    ...readCircuit(source),
    ...readTimes(source),
  };
  return { config, left: source.left(whyOf) };
}

function readBalance(source: LitellmSource): string {
  const at = ['router_settings', 'routing_strategy'] as const;
  const strategy = source.takeText(...at) ?? 'simple-shuffle';
  const balance = balances[strategy];
  if (balance === undefined) source.leave(at, `there is no balance for ${strategy}: models are balanced by weight`);
  return balance ?? 'weighted';
}

/** Without one in the file, LiteLLM takes a variable. */
function readKeys(source: LitellmSource): string[] {
  const at = ['general_settings', 'master_key'] as const;
  const key = source.takeText(...at);
  if (key === undefined) return [reference('LITELLM_MASTER_KEY', '')];
  if (isLiteral(key)) source.leave(at, LITERAL_KEY);
  return [valueText(key)];
}

/** The most attempts that there may be here. */
const MOST_ATTEMPTS = 10;

/** LiteLLM counts retries, and we attempts. */
function readRetries(source: LitellmSource): JsonRecord {
  const retries = readFirst(source, 'num_retries');
  if (retries === null) return {};
  const attempts = Math.min(MOST_ATTEMPTS, Math.max(1, Math.round(retries.number) + 1));
  if (attempts !== retries.number + 1) source.leave(retries.at, `here ${attempts} attempts: 1 to ${MOST_ATTEMPTS}`);
  return { retry: { attempts } };
}

/** Our own longest time, in seconds. */
const LONGEST_OPEN = 300;

/** LiteLLM leaves a deployment out after more than so many failures in a minute. */
function readCircuit(source: LitellmSource): JsonRecord {
  const circuit: Record<string, unknown> = {};
  const fails = readFirst(source, 'allowed_fails');
  if (fails !== null && fails.number >= 0) {
    circuit.min_failures = Math.floor(fails.number) + 1;
    source.note(fails.at, 'is `circuit.min_failures`, one more: it opens where half of the requests fail too');
  } else if (fails !== null) source.leave(fails.at, 'should be at least 0');
  const cooldown = readFirst(source, 'cooldown_time');
  if (cooldown !== null && cooldown.number > 0) {
    circuit.open_for = duration(cooldown.number);
    if (cooldown.number > LONGEST_OPEN) circuit.max_open_for = duration(cooldown.number);
  } else if (cooldown !== null) source.leave(cooldown.at, 'circuits are never off: see `circuit`');
  return Object.keys(circuit).length === 0 ? {} : { circuit };
}

/** Of both places where LiteLLM looks, the router's goes first. */
function readFirst(source: LitellmSource, name: string): { number: number; at: readonly string[] } | null {
  const places = ['router_settings', 'litellm_settings'].map((part) => [part, name]);
  const number = source.takeFirst(...places);
  const at = places.find((path) => source.look(...path) !== undefined);
  return number === undefined || at === undefined ? null : { number, at };
}

function readTimes(source: LitellmSource): JsonRecord {
  const timeouts = readTimeouts(
    source,
    [
      ['router_settings', 'timeout'],
      ['litellm_settings', 'request_timeout'],
    ],
    [['router_settings', 'stream_timeout']],
  );
  return timeouts === null ? {} : { timeouts };
}
