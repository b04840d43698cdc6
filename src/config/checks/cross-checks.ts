/**
 * Checks rules that concern more than one value. The tree may be invalid; values that this file cannot read are
 * skipped. So its faults are reported together with those of the schema. Pure.
 */

import { addressOf, dialectsOf, providers, stores } from '../../providers/registry.ts';
import type { Provider } from '../../providers/types.ts';
import type { PassedThrough } from '../../shared/config.ts';
import { didYouMean } from '../../shared/nearest-name.ts';
import { defaults } from '../schema/defaults.ts';
import { foreignSettings, settingsOf } from '../schema/provider-settings.ts';
import { parseDuration } from '../schema/quantities.ts';
import { describeValue, type Fault, type Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, type Mapping, mappingAt, type SourceTree, valueAt } from '../source/source-tree.ts';
import { checkEgress } from './check-egress.ts';
import { checkKeys } from './check-keys.ts';
import { checkListeners, checkOwnAddress } from './check-listeners.ts';
import { checkNames } from './check-names.ts';
import { checkTargets } from './check-targets.ts';

/** All faults that concern more than one value of the tree. */
export function crossCheck(tree: SourceTree, origins: Origins): Fault[] {
  const checks = [
    ...[checkNotEmpty, checkListeners, checkProviders, checkKeys, checkSettings, checkDialects, checkPassthrough],
    ...[checkEgress, checkTargets, checkNames, checkOrders, checkOwnAddress],
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
    needsKey && typeof baseUrl === 'string' ? new URL(baseUrl).hostname : [],
  );
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    if (!isMapping(provider)) return [];
    const known = providers.find(({ type }) => type === provider.type);
    const baseUrl = provider.base_url ?? (known && addressOf(known, settingsOf(provider)));
    if (baseUrl === null && known !== undefined && !('base_url' in provider)) {
      return checkAddress(known, provider, ['providers', name], tree);
    }
    const host = typeof baseUrl === 'string' ? URL.parse(baseUrl)?.hostname : undefined;
    if (host === undefined || !official.includes(host)) return [];
    if (Array.isArray(provider.api_keys) && provider.api_keys.length > 0) {
      if (!provider.api_keys.every((key: unknown) => isMapping(key) && isMissing(key, 'key'))) return [];
      const path = ['providers', name, 'api_keys', 0, 'key'];
      return [wrongAt(tree, path, `an API key, since ${host} requires one, and no other is given`, origins)];
    }
    if (!isMissing(provider, 'api_key')) return [];
    return [wrongAt(tree, ['providers', name, 'api_key'], `an API key, since ${host} requires one`, origins)];
  });
}

/** An address that is missing can be given by any setting from which it follows. One that is required has its own fault. */
function checkAddress(known: Provider, provider: Mapping, path: Path, tree: SourceTree): Fault[] {
  const { settings = {} } = known;
  const given = settingsOf(provider);
  const keys = Object.keys(settings).filter((key) => addressOf(known, { ...given, [key]: 'any' }) !== null);
  if (keys.some((key) => settings[key]?.required || !isMissing(provider, key))) return [];
  const message = `should have ${[...keys, 'base_url'].join(' or ')}: type ${known.type} has no address for all, got none`;
  return [faultAt(tree.places.ofKey(path), path, message)];
}

/** A key that is present but undefined is a reference without a value, which has its own fault. */
function isMissing(mapping: Mapping, name: string): boolean {
  return !(name in mapping) || mapping[name] === '' || mapping[name] === null;
}

/** A type has only some of the settings, and may need some of them. */
function checkSettings(tree: SourceTree, origins: Origins): Fault[] {
  return Object.entries(mappingAt(tree, ['providers'])).flatMap(([name, provider]) => {
    const known = isMapping(provider) ? providers.find(({ type }) => type === provider.type) : undefined;
    if (known === undefined || !isMapping(provider)) return [];
    const own = known.settings ?? {};
    const foreign = foreignSettings(known.type).filter((key) => key in provider);
    const given = settingsOf(provider);
    return [
      ...foreign.map((key) => {
        const path = ['providers', name, key];
        return faultAt(
          tree.places.ofKey(path),
          path,
          `should not be here: a provider of type ${known.type} has no such key`,
        );
      }),
      ...Object.entries(own).flatMap(([key, { pattern = /^/, expected = 'a text', required = false }]) => {
        const value = given[key];
        // One that is present but undefined is a reference without a value, which has its own fault.
        const isMissing = value === undefined && required && (!(key in provider) || provider[key] === '');
        if (!isMissing && (value === undefined || pattern.test(value))) return [];
        return [wrongAt(tree, ['providers', name, key], expected, origins)];
      }),
      ...Object.entries(own).flatMap(([key, { needs }]) => {
        if (given[key] === undefined || needs === undefined || given[needs] !== undefined) return [];
        if (needs in provider && provider[needs] !== '') return [];
        const path = ['providers', name, key];
        return [faultAt(tree.places.ofKey(path), path, `should stand beside ${needs}, without which it says nothing`)];
      }),
    ];
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

/** The dialect in which what has this name under `passthrough` is spoken of. */
const passedThrough: Readonly<Record<PassedThrough, string>> = { files: 'openai-files', batches: 'openai-batches' };

function checkPassthrough(tree: SourceTree, origins: Origins): Fault[] {
  const configured = Object.entries(mappingAt(tree, ['providers']));
  return Object.entries(passedThrough).flatMap(([key, dialect]) => {
    const provider = valueAt(tree.value, ['passthrough', key]);
    const able = configured.flatMap(([name, value]) => {
      const known = isMapping(value) ? providers.find(({ type }) => type === value.type) : undefined;
      return known !== undefined && stores(known, dialect) ? [name] : [];
    });
    if (typeof provider !== 'string' || able.includes(provider)) return [];
    const expected =
      able.length === 0
        ? 'the name of a provider with such an API, which none of them has'
        : `a provider with such an API: ${able.map((name) => describeValue(name)).join(', ')}`;
    return [wrongAt(tree, ['passthrough', key], expected, origins, didYouMean(provider, able))];
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
