/**
 * Checks rules that concern more than one value. The tree may be invalid; values that this file cannot read are
 * skipped. So its faults are reported together with those of the schema. Pure.
 */

import { dialectsOf, providers } from '../../providers/registry.ts';
import { defaults } from '../schema/defaults.ts';
import { parseDuration } from '../schema/quantities.ts';
import { describeValue, type Fault, formatPath, type Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';
import { checkListeners } from './check-listeners.ts';
import { didYouMean } from './nearest-name.ts';

/** All faults that concern more than one value of the tree. */
export function crossCheck(tree: SourceTree, origins: Origins): Fault[] {
  const checks = [
    checkNotEmpty,
    checkListeners,
    checkProviders,
    checkDialects,
    checkTargets,
    checkTargetsOnce,
    checkWeights,
    checkOrders,
  ];
  return checks.flatMap((check) => check(tree, origins));
}

function checkNotEmpty(tree: SourceTree): Fault[] {
  return ['providers', 'models'].flatMap((key) => {
    const value = valueAt(tree.value, [key]);
    if (!isMapping(value) || Object.keys(value).length > 0) return [];
    return [faultAt(tree.places.ofKey([key]), [key], 'should hold at least one entry, got none')];
  });
}

/** Official addresses may require a key. Other addresses may be the user's own servers, which may not. */
function checkProviders(tree: SourceTree, origins: Origins): Fault[] {
  const official = providers.flatMap(({ baseUrl, needsKey }) =>
    needsKey && baseUrl !== null ? new URL(baseUrl).hostname : [],
  );
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    if (!isMapping(provider)) return [];
    const known = providers.find(({ type }) => type === provider.type);
    const baseUrl = provider.base_url ?? known?.baseUrl;
    if (known?.baseUrl === null && !('base_url' in provider)) {
      return [wrongAt(tree, ['providers', name, 'base_url'], `an address: ${known.type} has none for all`, origins)];
    }
    const host = typeof baseUrl === 'string' ? URL.parse(baseUrl)?.hostname : undefined;
    // An `api_key` that is present but undefined is a reference without a value, which has its own fault.
    const missing = !('api_key' in provider) || provider.api_key === '' || provider.api_key === null;
    if (host === undefined || !official.includes(host) || !missing) return [];
    return [wrongAt(tree, ['providers', name, 'api_key'], `an API key, since ${host} requires one`, origins)];
  });
}

/** A type has only some of the dialects. Names that no type has are the schema's to report. */
function checkDialects(tree: SourceTree, origins: Origins): Fault[] {
  const all = providers.flatMap(dialectsOf);
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    const known = isMapping(provider) ? providers.find(({ type }) => type === provider.type) : undefined;
    if (known === undefined || !isMapping(provider) || !Array.isArray(provider.dialects)) return [];
    const own = dialectsOf(known);
    return provider.dialects.flatMap((dialect: unknown, index) => {
      if (typeof dialect !== 'string' || !all.includes(dialect) || own.includes(dialect)) return [];
      const path = ['providers', name, 'dialects', index];
      return [wrongAt(tree, path, `one of those of type ${known.type}: ${own.join(', ')}`, origins)];
    });
  });
}

function checkTargets(tree: SourceTree, origins: Origins): Fault[] {
  const providers = valueAt(tree.value, ['providers']);
  if (!isMapping(providers)) return [];
  const names = Object.keys(providers);
  const expected = `one of the providers ${names.map((name) => describeValue(name)).join(', ')}`;
  return Object.keys(mappingAt(tree, ['models'])).flatMap((name) =>
    targetsOf(tree, name).flatMap(({ path, target }) => {
      const { provider } = target;
      if (typeof provider !== 'string' || names.length === 0 || names.includes(provider)) return [];
      return [wrongAt(tree, [...path, 'provider'], expected, origins, didYouMean(provider, names))];
    }),
  );
}

/** A repeated target would have no effect, so it is a mistake. */
function checkTargetsOnce(tree: SourceTree): Fault[] {
  return Object.keys(mappingAt(tree, ['models'])).flatMap((name) => {
    const firsts = new Map<string, string>();
    return targetsOf(tree, name).flatMap(({ path, target }) => {
      if (typeof target.provider !== 'string' || typeof target.model !== 'string') return [];
      const key = JSON.stringify([target.provider, target.model]);
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, formatPath(path.slice(2)));
      if (first === undefined) return [];
      return [faultAt(tree.places.ofValue(path), path, `should be a different target, got the same as ${first}`)];
    });
  });
}

/** A weight is a share among targets of a level: one that is alone in its level has none to share with. */
function checkWeights(tree: SourceTree, origins: Origins): Fault[] {
  return Object.entries(mappingAt(tree, ['models'])).flatMap(([name, model]) => {
    const isOrdered = !isMapping(model) || (model.balance ?? 'order') === 'order';
    if (!isOrdered) return [];
    return targetsOf(tree, name).flatMap(({ path, target, isNested }) => {
      if (isNested || target.weight === undefined) return [];
      const hint = 'set "balance: weighted" to spread requests by weight';
      return [wrongAt(tree, [...path, 'weight'], 'left out while the targets are only ordered', origins, hint)];
    });
  });
}

interface PlacedTarget {
  readonly path: Path;
  readonly target: Mapping;
  /** Whether it stands in a list within the list. */
  readonly isNested: boolean;
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

/** Pairs of keys: the value of `low` must not be above the value of `high`. */
const orders = [
  { block: 'retry', low: 'base_delay', high: 'max_delay', read: readDuration },
  { block: 'circuit', low: 'open_for', high: 'max_open_for', read: readDuration },
  { block: 'circuit', low: 'min_failures', high: 'outcomes', read: readCount },
] as const;

function checkOrders(tree: SourceTree, origins: Origins): Fault[] {
  const providers = Object.keys(mappingAt(tree, ['providers'])).map((name) => ['providers', name]);
  return [[], ...providers].flatMap((scope: Path) =>
    orders.flatMap(({ block, low, high, read }) => {
      const own = mappingAt(tree, [...scope, block]);
      const merged: Mapping = { ...defaults[block], ...mappingAt(tree, [block]), ...own };
      const [lowValue, highValue] = [read(merged[low]), read(merged[high])];
      if (lowValue === null || highValue === null || lowValue <= highValue) return [];
      // A scope with neither key inherits both. The pair is then checked in the scope that sets it.
      if (high in own) return [wrongAt(tree, [...scope, block, high], `at least ${low} (${merged[low]})`, origins)];
      if (low in own) return [wrongAt(tree, [...scope, block, low], `at most ${high} (${merged[high]})`, origins)];
      return [];
    }),
  );
}

// The amount of a value; null for a value of another type, which the schema reports.
function readDuration(value: unknown): number | null {
  return typeof value === 'string' ? parseDuration(value) : null;
}

function readCount(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
