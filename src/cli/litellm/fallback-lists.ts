/**
 * LiteLLM's lists of fallbacks, `[{ a: [b, c] }]`. They may stand in either of two places, of which the first that has one
 * decides. What cannot be read is named.
 */
import { isDeepStrictEqual } from 'node:util';
import { asRecord } from '../../shared/json.ts';
import type { LitellmSource, Path } from './source.ts';

const PARTS = ['router_settings', 'litellm_settings'] as const;

/** Fallbacks by the name of their model, and where they stand. */
export interface FallbackList {
  readonly at: Path;
  readonly byName: ReadonlyMap<string, readonly string[]>;
}

/** Of `fallbacks` or `context_window_fallbacks`; of a name that is there twice, LiteLLM takes the first. */
export function readFallbackList(source: LitellmSource, key: string): FallbackList {
  const at = placeOf(source, key);
  const byName = new Map<string, readonly string[]>();
  for (const { path, name, others } of entriesOf(source, at)) {
    const names = readNames(source, path, others);
    // Of those for all models, the last.
    if (byName.has(name) && name !== '*') source.leave(path, `${name} has fallbacks before these, which LiteLLM takes`);
    else byName.set(name, names);
  }
  return { at, byName };
}

/** `default_fallbacks`: of all models that have none of their own; null where there are none. */
export function readDefaultFallbacks(source: LitellmSource): { at: Path; names: readonly string[] } | null {
  const at = placeOf(source, 'default_fallbacks');
  return at.length === 0 ? null : { at, names: readNames(source, at, source.take(...at)) };
}

/** The place that decides; what the other one says otherwise is named. */
function placeOf(source: LitellmSource, key: string): Path {
  const places = PARTS.map((part) => [part, key]);
  for (const path of places) if (isEmpty(source.look(...path))) source.take(...path);
  const [first = [], second] = places.filter((path) => !isEmpty(source.look(...path)));
  if (second === undefined) return first;
  if (isDeepStrictEqual(source.look(...first), source.look(...second))) source.take(...second);
  else source.leave(second, `LiteLLM takes ${first.join('.')} instead`);
  return first;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function entriesOf(source: LitellmSource, at: Path): { path: Path; name: string; others: unknown }[] {
  const list = at.length === 0 ? undefined : source.take(...at);
  if (list === undefined) return [];
  const items = Array.isArray(list)
    ? list.map((item, index) => [[...at, index], item] as const)
    : [[at, list] as const];
  return items.flatMap(([path, item]) => {
    const entries = Object.entries(asRecord(item) ?? {});
    if (entries.length === 0) source.leave(path, 'should be a mapping of a model to its fallbacks');
    return entries.map(([name, others]) => ({ path: [...path, name], name, others }));
  });
}

/** A fallback may be a request of its own, `{ model: b, messages: […] }`; of such a one there is only the model here. */
function readNames(source: LitellmSource, at: Path, value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).flatMap((each: unknown, index) => {
    if (typeof each === 'string') return [each];
    const path = Array.isArray(value) ? [...at, index] : at;
    const { model, ...others } = asRecord(each) ?? {};
    if (typeof model !== 'string') {
      source.leave(path, 'should be the name of a model');
      return [];
    }
    const more = Object.keys(others);
    if (more.length > 0) source.leave(path, `only ${model} is asked: ${more.join(', ')} cannot be set for a fallback`);
    return [model];
  });
}
