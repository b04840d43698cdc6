/** The live check of a whole configuration: each target and each key, a few at the same time. */
import type { Config, ProviderConfig, ProviderKey, TargetConfig } from '../shared/config.ts';
import { addressInWords } from '../shared/egress/base-address.ts';
import { isPattern } from '../shared/model-names.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { tryTarget } from './live-check.ts';
import type { CheckedTarget } from './live-report.ts';

/** More would look like an attack to some providers. */
const MOST_AT_ONCE = 4;

/** In the order of the configuration: of its providers, and of the targets of each, which may be in several models. Never rejects for a provider's failure. */
export async function checkTargets(config: Config): Promise<CheckedTarget[]> {
  const redactor = new Redactor(config.secrets);
  const targets = Object.values(config.models).flatMap((model) => model.targets);
  const jobs = Object.values(config.providers).flatMap((provider) => {
    const own = targets.filter((target) => target.provider === provider.name);
    const named = own.filter(({ model }) => !isPattern(model));
    const distinct = new Map(named.map((target) => [target.model, target]));
    if (distinct.size > 0) {
      return pairs(provider, [...distinct.values()]).map((pair) => () => checkTarget(provider, pair, redactor));
    }
    const why = own.length === 0 ? 'no model uses it' : 'it is only asked for what a * stands for';
    return [async () => skipped(provider, null, why)];
  });
  const results: CheckedTarget[] = [];
  const rest = jobs.entries();
  const work = async (): Promise<void> => {
    // All workers take from the same iterator, so each job is done once.
    for (const [index, job] of rest) results[index] = await job();
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return results;
}

interface Pair {
  readonly key: ProviderKey;
  readonly target: TargetConfig;
}

/** Above this, a check would itself be traffic that a provider bills. */
const MOST_PAIRS = 24;

/**
 * Every target with every key: a key may lack a model that another one has. Where those are too many, every target with
 * the first key, and each other key with one of the targets, in turn.
 */
function pairs({ keys }: ProviderConfig, targets: readonly TargetConfig[]): Pair[] {
  if (keys.length * targets.length <= MOST_PAIRS) {
    return keys.flatMap((key) => targets.map((target) => ({ key, target })));
  }
  const [first, ...others] = keys;
  const withFirst = first === undefined ? [] : targets.map((target) => ({ key: first, target }));
  return [
    ...withFirst,
    ...others.flatMap((key, index) => {
      const target = targets[index % targets.length];
      return target === undefined ? [] : [{ key, target }];
    }),
  ];
}

async function checkTarget(
  provider: ProviderConfig,
  { key, target }: Pair,
  redactor: Redactor,
): Promise<CheckedTarget> {
  const result = await tryTarget(provider, key, target);
  if (result === null) return skipped(provider, target.model, 'it has no API for chats');
  const { failure, milliseconds } = result;
  const { name, baseUrl } = provider;
  const ofKey = provider.keys.length > 1 ? key.name : null;
  const common = { provider: name, model: target.model, key: ofKey, address: addressInWords(baseUrl), milliseconds };
  if (failure === null) {
    return { ...common, outcome: 'answers', cause: null, status: null, message: null, cure: null };
  }
  if (failure.cause === 'no-chat') return skipped(provider, target.model, 'it is not a model for chats');
  // A provider may quote the key that it refuses.
  return { ...common, outcome: 'fails', ...failure, message: redactor.redact(failure.message) };
}

function skipped({ name, baseUrl }: ProviderConfig, model: string | null, message: string): CheckedTarget {
  const nothing = { cause: null, status: null, cure: null, milliseconds: null };
  return {
    provider: name,
    model,
    key: null,
    address: addressInWords(baseUrl),
    outcome: 'skipped',
    message,
    ...nothing,
  };
}
