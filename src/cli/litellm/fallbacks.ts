/**
 * What LiteLLM asks after a model: further levels of its targets, and for requests that are too long, other models. A model
 * that is fallen back to brings its own fallbacks with it, as there.
 */
import { isPattern } from '../../shared/model-names.ts';
import type { Target } from './deployments.ts';
import { type FallbackList, readDefaultFallbacks, readFallbackList } from './fallback-lists.ts';
import { type Model, targetKey } from './models.ts';
import type { Names } from './names.ts';
import type { LitellmSource, Path } from './source.ts';

/** How many fallbacks may lead to each other, where `max_fallbacks` does not say it. */
const MOST_FALLBACKS = 5;

/** Adds them to all models. A name that only a pattern has, and that has fallbacks, becomes a model of its own. */
export function addFallbacks(source: LitellmSource, names: Names): void {
  const list = readFallbackList(source, 'fallbacks');
  const forAll = readDefaultFallbacks(source);
  const most = source.takeNumber('router_settings', 'max_fallbacks') ?? MOST_FALLBACKS;
  addNamesOfFallbacks(source, list, names);
  nameLost(source, list, names);
  for (const name of forAll?.names ?? []) nameUnknown(source, forAll?.at ?? [], names, 'all models', name);
  const others = forAll?.names ?? list.byName.get('*') ?? [];
  if (forAll !== null && list.byName.has('*')) source.leave(list.at, '*: default_fallbacks go before it');
  // All are found before one is added: a model brings its own levels, and its fallbacks by their names.
  const added = [...names.models].map(([name, model]) => {
    const chain = chainOf(name, (each) => list.byName.get(each) ?? others, most);
    const at = list.byName.has(name) || forAll === null ? list.at : forAll.at;
    return { model, levels: furtherLevels(source, { at, name, model, chain }, names) };
  });
  for (const { model, levels } of added) model.levels.push(...levels);
}

/** Adds models that take requests which are too long. LiteLLM looks for them by the exact name. */
export function addContextFallbacks(source: LitellmSource, names: Names): void {
  const list = readFallbackList(source, 'context_window_fallbacks');
  nameLost(source, list, names);
  for (const [asked, others] of list.byName) {
    const model = names.find(asked) === asked ? names.modelOf(asked) : null;
    if (model === null) continue;
    for (const other of others) {
      if (names.find(other) === null) continue;
      if (leadsBack(other, asked, names)) {
        source.leave(list.at, `${asked} → ${other} leads back to ${asked}, and a request is sent there once`);
      } else if (!model.context.includes(other)) model.context = [...model.context, other];
    }
  }
}

/** With a pattern in its list, LiteLLM takes any name: one that is no model goes to its fallbacks at once. */
function addNamesOfFallbacks(source: LitellmSource, { at, byName }: FallbackList, names: Names): void {
  if (![...names.models.keys()].some(isPattern)) return;
  for (const [asked, others] of byName) {
    if (asked === '*' || names.find(asked) !== null || others.every((other) => names.find(other) === null)) continue;
    names.models.set(asked, { levels: [], aliases: [], context: [], defaults: {}, drop: [] });
    source.note(at, `${asked} is no model of the list: its fallbacks are its targets`);
  }
}

/** Names of a list that lead nowhere; what a pattern has becomes a model. */
function nameLost(source: LitellmSource, { at, byName }: FallbackList, names: Names): void {
  for (const [asked, others] of byName) {
    for (const other of others) nameUnknown(source, at, names, asked, other);
    if (asked === '*') {
      if (at.includes('context_window_fallbacks'))
        source.leave(at, '*: LiteLLM looks for this very name, and so for none');
      continue;
    }
    const name = names.find(asked);
    if (name === null) source.leave(at, `${asked}: a model that is not in the list is left out`);
    else if (name !== asked) source.leave(at, `${asked} is another name of ${name}, whose fallbacks are for both`);
    else if (isPattern(asked)) source.note(at, `${asked}: for all names that match it`);
    else names.modelOf(asked);
  }
}

function nameUnknown(source: LitellmSource, at: Path, names: Names, from: string, to: string): void {
  if (names.find(to) === null) source.leave(at, `${from} → ${to}: a model that is not in the list is left out`);
}

/** Each once, those of a fallback after it. */
function chainOf(name: string, othersOf: (name: string) => readonly string[], most: number): string[] {
  const chain: string[] = [];
  const walk = (from: string, before: number): void => {
    let depth = before;
    for (const other of othersOf(from)) {
      if (other === name || chain.includes(other)) continue;
      chain.push(other);
      depth += 1;
      if (depth < most) walk(other, depth);
    }
  };
  walk(name, 0);
  return chain;
}

interface Fallen {
  readonly at: Path;
  readonly name: string;
  readonly model: Model;
  readonly chain: readonly string[];
}

function furtherLevels(source: LitellmSource, { at, name, model, chain }: Fallen, names: Names): (readonly Target[])[] {
  const seen = new Set(model.levels.flat().map(targetKey));
  return chain.flatMap((other) => {
    const lost = parametersOnly(names.models.get(names.find(other) ?? ''), model);
    if (lost.length > 0) source.leave(at, `${name} → ${other}: ${other} alone sets or drops ${lost.join(', ')}`);
    return names.levelsOf(other).flatMap((level) => {
      const further = level.filter((target) => !seen.has(targetKey(target)));
      if (further.length < level.length) {
        source.leave(at, `${name} → ${other}: a target that ${name} has already is asked once`);
      }
      for (const target of further) seen.add(targetKey(target));
      return further.length === 0 ? [] : [further];
    });
  });
}

/** Parameters that only the other model sets or takes out. */
function parametersOnly(other: Model | undefined, model: Model): string[] {
  if (other === undefined) return [];
  const own = new Set([...Object.keys(model.defaults), ...model.drop]);
  return [...Object.keys(other.defaults), ...other.drop].filter((name) => !own.has(name));
}

function leadsBack(from: string, to: string, names: Names, seen = new Set<string>()): boolean {
  const name = names.find(from) ?? from;
  if (name === to) return true;
  if (seen.has(name)) return false;
  seen.add(name);
  return (names.models.get(name)?.context ?? []).some((next) => leadsBack(next, to, names, seen));
}
