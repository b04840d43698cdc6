/**
 * Deployments of one name as a model. Its levels are those of their `order`; within one, a deployment that LiteLLM gives no
 * share of the requests beside others that have one is a level behind them.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Deployment, SHARES, type Target } from './deployments.ts';
import type { LitellmSource } from './source.ts';

/** A model as it is put together. */
export interface Model {
  readonly levels: (readonly Target[])[];
  readonly aliases: string[];
  /** Models that take its long requests. */
  context: readonly string[];
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly drop: readonly string[];
}

/** All models by name. @param balance of ours: weights are LiteLLM's for `weighted` alone */
export function groupModels(
  source: LitellmSource,
  deployments: readonly Deployment[],
  balance: string,
): Map<string, Model> {
  const byName = Map.groupBy(deployments, ({ name }) => name);
  return new Map(Array.from(byName, ([name, list]) => [name, modelOf(list, source, balance)] as const));
}

/** As it stands in our file. */
export function modelBlock({ levels, aliases, context, defaults, drop }: Model, balance: string) {
  const isSpread = levels.some((level) => level.length > 1);
  return {
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(isSpread ? { balance } : {}),
    ...(context.length === 0 ? {} : { fallbacks: { context } }),
    ...(Object.keys(defaults).length === 0 ? {} : { defaults }),
    ...(drop.length === 0 ? {} : { drop }),
    // With a balance, targets that stand alone would be one level together.
    targets: isSpread ? levels : levels.flat(),
  };
}

/** Names a target within a model. */
export function targetKey({ provider, model }: Target): string {
  return `${String(provider)}/${String(model)}`;
}

function modelOf(deployments: readonly Deployment[], source: LitellmSource, balance: string): Model {
  const orders = [...new Set(deployments.map(({ order }) => order))].sort((one, other) => one - other);
  const seen = new Set<string>();
  const levels = orders.flatMap((order) => {
    const level = deployments.filter((each) => each.order === order && !seen.has(targetKey(each.target)));
    for (const { target } of level) seen.add(targetKey(target));
    for (const each of deployments) {
      const isLater = each.order === order && !level.includes(each);
      if (isLater) source.leave(each.at, `the same target as one of a lower order of ${each.name}`);
    }
    return levelsOf(level, source, balance);
  });
  return { levels, aliases: [], context: [], ...parametersOf(deployments, source) };
}

/** A target stands once in a model: copies of it are its share. */
function levelsOf(deployments: readonly Deployment[], source: LitellmSource, balance: string): (readonly Target[])[] {
  const copies = [...Map.groupBy(deployments, ({ target }) => targetKey(target)).values()];
  for (const [first, ...others] of copies) {
    for (const { at, name } of others) {
      if (first !== undefined) source.leave(at, `the same target as another of ${name}, which is written once`);
    }
  }
  const share = SHARES.find((each) => deployments.some(({ shares }) => (shares[each] ?? 0) > 0));
  const isUsed = share !== undefined && balance === 'weighted' && copies.length > 1;
  if (share !== undefined) nameShares(deployments, share, isUsed, source);
  const all = copies.flatMap((list) => {
    const [first] = list;
    if (first === undefined) return [];
    const sum = list.reduce((total, { shares }) => total + (isUsed ? (shares[share] ?? 0) : 1), 0);
    return [{ target: first.target, sum }];
  });
  const weights = balance === 'weighted' ? reduced(all.map(({ sum }) => sum)) : all.map(() => 1);
  const isEven = new Set(weights.filter((each) => each > 0)).size === 1;
  const level = all.flatMap(({ target }, index) => {
    const weight = weights[index] ?? 0;
    if (weight === 0) return [];
    return [isEven ? target : { ...target, weight }];
  });
  const behind = all.filter((_, index) => weights[index] === 0).map(({ target }) => target);
  return [level, behind].filter((each) => each.length > 0);
}

/** What becomes of the share by which LiteLLM chooses. */
function nameShares(
  deployments: readonly Deployment[],
  share: (typeof SHARES)[number],
  isUsed: boolean,
  source: LitellmSource,
): void {
  for (const { at, shares, name } of deployments) {
    const path = [...at, share];
    if (isUsed && (shares[share] ?? 0) <= 0) {
      source.leave(path, `${name} has others with one: its target is asked after them`);
    } else if (share !== 'weight') {
      if (isUsed) source.leave(path, 'is the weight of its target, and no limit: after a 429 the next one is asked');
    } else if (isUsed) source.take(...path);
    else if (shares.weight !== undefined)
      source.leave(path, 'has no effect: alone in its level, or not balanced by weight');
  }
}

/** The most that a weight may be here. */
const MAX_WEIGHT = 1_000_000;

/** The same shares in small numbers. */
function reduced(weights: readonly number[]): readonly number[] {
  const divisor = weights.every((each) => Number.isSafeInteger(each)) ? weights.reduce(greatestCommonDivisor, 0) : 1;
  const most = Math.max(...weights) / divisor;
  const scale = most > MAX_WEIGHT ? MAX_WEIGHT / most : 1;
  return weights.map((each) => Number(((each / divisor) * scale).toPrecision(6)));
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** Parameters belong to a model here: of deployments that differ in one, the first decides. */
function parametersOf(deployments: readonly Deployment[], source: LitellmSource): Pick<Model, 'defaults' | 'drop'> {
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
  const drop = [...new Set(deployments.flatMap((each) => each.drop))];
  for (const each of deployments) {
    const isPart =
      each.drop.length > 0 && deployments.some((other) => each.drop.some((name) => !other.drop.includes(name)));
    if (isPart)
      source.leave([...each.at, 'additional_drop_params'], `is for all of ${each.name}, not for this one alone`);
  }
  return { defaults, drop };
}
