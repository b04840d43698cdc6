/**
 * The live check of a whole configuration: each target with each key, a few at the same time. A key may lack one model alone,
 * so all pairs are asked; but of very many only some, and then it is said which are not.
 */
import type { Config, ProviderConfig, ProviderKey, TargetConfig } from '../shared/config.ts';
import { addressInWords } from '../shared/egress/base-address.ts';
import { isPattern } from '../shared/model-names.ts';
import { Redactor } from '../shared/secrets/redactor.ts';
import { tryTarget } from './live-check.ts';
import type { CheckedTarget } from './live-report.ts';

/** More would look like an attack to some providers. */
const MOST_AT_ONCE = 4;

/** Requests to one provider, unless its targets or keys alone are more. */
const MOST_PAIRS = 40;

/** Models that are named; of others only their number is told. */
const MOST_NAMES = 3;

/** In the order of the configuration: of its providers, and of the targets of each, which may be in several models. Never rejects for a provider's failure. */
export async function checkTargets(config: Config): Promise<CheckedTarget[]> {
  const redactor = new Redactor(config.secrets);
  const targets = Object.values(config.models).flatMap((model) => model.targets);
  const jobs = Object.values(config.providers).flatMap((provider) => {
    const own = targets.filter((target) => target.provider === provider.name);
    const named = own.filter(({ model }) => !isPattern(model));
    const distinct = new Map(named.map((target) => [target.model, target]));
    if (distinct.size > 0) {
      const { asked, left } = pairsOf(provider, [...distinct.values()]);
      return [
        ...asked.map((pair) => () => checkTarget(provider, pair, redactor)),
        ...leftOut(provider, left).map((result) => async () => result),
      ];
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

/** Each target and each key at least once, then all other pairs, target by target, as far as they are not too many. */
function pairsOf({ keys }: ProviderConfig, targets: readonly TargetConfig[]) {
  const [firstKey, ...otherKeys] = keys;
  const [firstTarget, ...otherTargets] = targets;
  if (firstKey === undefined || firstTarget === undefined) return { asked: [], left: [] };
  const once: Pair[] = [
    ...targets.map((target) => ({ key: firstKey, target })),
    ...otherKeys.map((key) => ({ key, target: firstTarget })),
  ];
  const others = otherTargets.flatMap((target) => otherKeys.map((key) => ({ key, target })));
  const room = Math.max(0, MOST_PAIRS - once.length);
  return { asked: [...once, ...others.slice(0, room)], left: others.slice(room) };
}

/** One result for each key that was not asked for all. */
function leftOut(provider: ProviderConfig, left: readonly Pair[]): CheckedTarget[] {
  return [...Map.groupBy(left, ({ key }) => key.name)].map(([key, pairs]) => {
    const names = pairs.slice(0, MOST_NAMES).map(({ target }) => target.model);
    const more = pairs.length - names.length;
    const models = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
    return { ...skipped(provider, null, `these are more than ${MOST_PAIRS} requests: not asked for ${models}`), key };
  });
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
