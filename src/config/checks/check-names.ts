/** Checks the names of models that stand elsewhere than over one: aliases and fallbacks. Pure. */
import { findName, inOrder, isPattern, type ModelNames } from '../../shared/model-names.ts';
import { didYouMean } from '../../shared/nearest-name.ts';
import { describeValue, type Fault, formatPath, type Path } from '../source/faults.ts';
import { type Origins, wrongAt } from '../source/origins.ts';
import { faultAt, isMapping, mappingAt, type SourceTree } from '../source/source-tree.ts';

/** All faults of such names. */
export function checkNames(tree: SourceTree, origins: Origins): Fault[] {
  return [...checkAliases(tree, origins), ...checkFallbacks(tree, origins)];
}

interface PlacedName {
  readonly model: string;
  readonly path: Path;
  readonly name: string;
}

/** An alias leads to one model, and is no model's own name. */
function checkAliases(tree: SourceTree, origins: Origins): Fault[] {
  const models = mappingAt(tree, ['models']);
  const firsts = new Map<string, Path>();
  return aliasesOf(tree).flatMap(({ model, path, name }) => {
    if (isPattern(model)) {
      const expected = `left out, since ${describeValue(model)} has a * and an alias would not say what it stands for`;
      const hint = 'make it a model of its own';
      return [wrongAt(tree, path, expected, origins, hint)];
    }
    if (Object.hasOwn(models, name)) {
      return [wrongAt(tree, path, 'an alias that is not the name of a model', origins)];
    }
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, path);
    if (first === undefined) return [];
    const message = `should be another alias, got ${describeValue(name)}, which is ${formatPath(first)} already`;
    return [faultAt(tree.places.ofValue(path), path, message)];
  });
}

/** A fallback leads to a model, and by no way back to where it began. */
function checkFallbacks(tree: SourceTree, origins: Origins): Fault[] {
  const names = namesOf(tree);
  const known = [...Object.keys(names.models).filter((name) => !isPattern(name)), ...Object.keys(names.aliases)];
  const all = fallbacksOf(tree);
  // A name that only a pattern matches has its own end: a request is sent there once.
  const next = (model: string) =>
    all.flatMap((fallback) => {
      const found = fallback.model === model ? findName(names, fallback.name) : null;
      return found === null || found.matched !== null ? [] : [found.name];
    });
  return all.flatMap(({ model, path, name }) => {
    const found = findName(names, name);
    if (found === null) {
      const expected = 'a name that leads to a model';
      return [wrongAt(tree, path, expected, origins, didYouMean(name, known))];
    }
    const back = found.matched === null ? wayTo(model, found.name, next) : null;
    if (back === null) return [];
    const way = [model, ...back].map((each) => describeValue(each)).join(' → ');
    const message = `should be a model that does not lead back, got ${describeValue(name)} (${way})`;
    return [faultAt(tree.places.ofValue(path), path, message)];
  });
}

/** The models from `from` to `to`, both included; null if there is no way. */
function wayTo(
  to: string,
  from: string,
  next: (model: string) => readonly string[],
  seen = new Set<string>(),
): readonly string[] | null {
  if (from === to) return [to];
  if (seen.has(from)) return null;
  seen.add(from);
  for (const model of next(from)) {
    const way = wayTo(to, model, next, seen);
    if (way !== null) return [from, ...way];
  }
  return null;
}

function namesOf(tree: SourceTree): ModelNames {
  const models = mappingAt(tree, ['models']);
  const aliases = Object.fromEntries(aliasesOf(tree).map(({ name, model }) => [name, model]));
  return { models, aliases, patterns: inOrder(Object.keys(models)) };
}

function aliasesOf(tree: SourceTree): PlacedName[] {
  return namesAt(tree, (model) => ['models', model, 'aliases']);
}

function fallbacksOf(tree: SourceTree): PlacedName[] {
  return namesAt(tree, (model) => ['models', model, 'fallbacks', 'context']);
}

/** The texts of a list of each model. */
function namesAt(tree: SourceTree, pathOf: (model: string) => Path): PlacedName[] {
  return Object.keys(mappingAt(tree, ['models'])).flatMap((model) => {
    const path = pathOf(model);
    const list = listAt(tree, path);
    return list.flatMap((name, index) => (typeof name === 'string' ? [{ model, path: [...path, index], name }] : []));
  });
}

function listAt(tree: SourceTree, path: Path): readonly unknown[] {
  const parent = mappingAt(tree, path.slice(0, -1));
  const list = isMapping(parent) ? parent[String(path.at(-1))] : undefined;
  return Array.isArray(list) ? list : [];
}
