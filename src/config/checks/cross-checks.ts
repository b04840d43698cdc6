/**
 * What concerns more than one value. It reads the tree as it is, valid or not, and judges only what it understands, so
 * that its faults come together with those of the schema. Pure.
 */

import { defaultBaseUrls, defaults } from '../schema/defaults.ts';
import { parseDuration } from '../schema/quantities.ts';
import { describeValue, type Fault, type Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';
import { checkListeners } from './check-listeners.ts';
import { didYouMean } from './nearest-name.ts';

/** Every fault between values of the tree. */
export function crossCheck(tree: SourceTree, origins: Origins): Fault[] {
  return [checkNotEmpty, checkListeners, checkProviders, checkTargets, checkTargetsOnce, checkOrders].flatMap((check) =>
    check(tree, origins),
  );
}

function checkNotEmpty(tree: SourceTree): Fault[] {
  return ['providers', 'models'].flatMap((key) => {
    const value = valueAt(tree.value, [key]);
    if (!isMapping(value) || Object.keys(value).length > 0) return [];
    return [faultAt(tree.places.ofKey([key]), [key], 'should be at least one by name, got none')];
  });
}

/** A key is needed where it always is; other addresses may be servers of one's own. */
function checkProviders(tree: SourceTree, origins: Origins): Fault[] {
  const official = Object.values(defaultBaseUrls).map((url) => new URL(url).hostname);
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    if (!isMapping(provider)) return [];
    const type = provider.type === 'openai' || provider.type === 'anthropic' ? provider.type : null;
    const baseUrl = provider.base_url ?? (type === null ? null : defaultBaseUrls[type]);
    const host = typeof baseUrl === 'string' ? URL.parse(baseUrl)?.hostname : undefined;
    // A key that is there but undefined is a reference without a value, which has its own fault.
    const missing = !('api_key' in provider) || provider.api_key === '' || provider.api_key === null;
    if (host === undefined || !official.includes(host) || !missing) return [];
    return [wrongAt(tree, ['providers', name, 'api_key'], `a key, since ${host} asks for one`, origins)];
  });
}

function checkTargets(tree: SourceTree, origins: Origins): Fault[] {
  const providers = valueAt(tree.value, ['providers']);
  if (!isMapping(providers)) return [];
  const names = Object.keys(providers);
  const wish = `one of the providers ${names.map((name) => describeValue(name)).join(', ')}`;
  return Object.entries(mappingAt(tree, ['models'])).flatMap(([name, model]) => {
    const targets: unknown = isMapping(model) ? model.targets : undefined;
    if (!Array.isArray(targets)) return [];
    return targets.flatMap((target: unknown, index) => {
      const provider = isMapping(target) ? target.provider : undefined;
      if (typeof provider !== 'string' || names.length === 0 || names.includes(provider)) return [];
      const path = ['models', name, 'targets', index, 'provider'];
      return [wrongAt(tree, path, wish, origins, didYouMean(provider, names))];
    });
  });
}

/** The same target a second time would be passed over: whoever wrote it means something else. */
function checkTargetsOnce(tree: SourceTree): Fault[] {
  return Object.entries(mappingAt(tree, ['models'])).flatMap(([name, model]) => {
    const targets: unknown = isMapping(model) ? model.targets : undefined;
    if (!Array.isArray(targets)) return [];
    const firsts = new Map<string, number>();
    return targets.flatMap((target: unknown, index) => {
      if (!isMapping(target) || typeof target.provider !== 'string' || typeof target.model !== 'string') return [];
      const key = JSON.stringify([target.provider, target.model]);
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, index);
      if (first === undefined) return [];
      const path = ['models', name, 'targets', index];
      return [
        faultAt(tree.places.ofValue(path), path, `should be another target, got that of targets[${first}] again`),
      ];
    });
  });
}

/** Pairs of keys of which the first must not be above the second. */
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
      // Whoever gives neither key inherits a pair that is judged where it stands.
      if (high in own) return [wrongAt(tree, [...scope, block, high], `at least ${low} (${merged[low]})`, origins)];
      if (low in own) return [wrongAt(tree, [...scope, block, low], `at most ${high} (${merged[high]})`, origins)];
      return [];
    }),
  );
}

// What a value measures; null where it is not of its kind, which is the schema's business.
function readDuration(value: unknown): number | null {
  return typeof value === 'string' ? parseDuration(value) : null;
}

function readCount(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
