/** Checks the targets of models: their providers, that each is there once, and what has an effect. Pure. */
import { isPattern } from '../../shared/model-names.ts';
import { didYouMean } from '../../shared/nearest-name.ts';
import { describeValue, type Fault, formatPath, type Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';

interface PlacedTarget {
  readonly path: Path;
  readonly target: Mapping;
  /** Whether it stands in a list within the list. */
  readonly isNested: boolean;
}

/** All faults of targets that concern more than one value. */
export function checkTargets(tree: SourceTree, origins: Origins): Fault[] {
  return Object.entries(mappingAt(tree, ['models'])).flatMap(([name, model]) => {
    const targets = targetsOf(tree, name);
    const isOrdered = isMapping(model) && (model.balance ?? 'order') === 'order';
    return [
      ...checkProviders(targets, tree, origins),
      ...checkOnce(targets, tree),
      ...(isOrdered ? checkWeights(targets, tree, origins) : []),
      ...checkStars(targets, name, tree, origins),
    ];
  });
}

function checkProviders(targets: readonly PlacedTarget[], tree: SourceTree, origins: Origins): Fault[] {
  const names = Object.keys(mappingAt(tree, ['providers']));
  const expected = `one of the providers ${names.map((name) => describeValue(name)).join(', ')}`;
  return targets.flatMap(({ path, target: { provider } }) => {
    if (typeof provider !== 'string' || names.length === 0 || names.includes(provider)) return [];
    return [wrongAt(tree, [...path, 'provider'], expected, origins, didYouMean(provider, names))];
  });
}

/** A repeated target would have no effect, so it is a mistake. */
function checkOnce(targets: readonly PlacedTarget[], tree: SourceTree): Fault[] {
  const firsts = new Map<string, string>();
  return targets.flatMap(({ path, target: { provider, model } }) => {
    if (typeof provider !== 'string' || typeof model !== 'string') return [];
    const key = JSON.stringify([provider, model]);
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, formatPath(path.slice(2)));
    if (first === undefined) return [];
    return [faultAt(tree.places.ofValue(path), path, `should be a different target, got the same as ${first}`)];
  });
}

/** A weight is a share among targets of a level: one that is alone in its level has none to share with. */
function checkWeights(targets: readonly PlacedTarget[], tree: SourceTree, origins: Origins): Fault[] {
  return targets.flatMap(({ path, target, isNested }) => {
    if (isNested || target.weight === undefined) return [];
    const hint = 'set "balance: weighted" to spread requests by weight';
    return [wrongAt(tree, [...path, 'weight'], 'left out while the targets are only ordered', origins, hint)];
  });
}

/** The star of a target is what its model's matched. */
function checkStars(targets: readonly PlacedTarget[], name: string, tree: SourceTree, origins: Origins): Fault[] {
  return targets.flatMap(({ path, target: { model } }) => {
    if (typeof model !== 'string' || !isPattern(model)) return [];
    const at = [...path, 'model'];
    if (!isPattern(name)) {
      const expected = `a name without *, since ${describeValue(name)} has none that it could stand for`;
      return [wrongAt(tree, at, expected, origins)];
    }
    return model.split('*').length > 2 ? [wrongAt(tree, at, 'a name with one *', origins)] : [];
  });
}

/** The targets of a model that are mappings, in the order of the file. */
function targetsOf(tree: SourceTree, model: string): PlacedTarget[] {
  const path = ['models', model, 'targets'];
  const targets = valueAt(tree.value, path);
  if (!Array.isArray(targets)) return [];
  return targets.flatMap((entry: unknown, index): PlacedTarget[] => {
    if (isMapping(entry)) return [{ path: [...path, index], target: entry, isNested: false }];
    if (!Array.isArray(entry)) return [];
    return entry.flatMap((target: unknown, place) =>
      isMapping(target) ? [{ path: [...path, index, place], target, isNested: true }] : [],
    );
  });
}
