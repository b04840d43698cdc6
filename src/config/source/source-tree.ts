/**
 * A configuration source as plain data, with the place of each value. All sources (a file, the environment, the demo,
 * flags) are read into this form, and all later steps work on it.
 *
 * Mappings are objects without a prototype, so no key of a user has a meaning in JavaScript.
 */
import type { ExcerptAt, Fault, Path, Place } from './faults.ts';
import { formatPath } from './faults.ts';

/** A mapping of the tree. */
export type Mapping = Record<string, unknown>;

/** Whether a value of the tree is a mapping. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An empty mapping without a prototype. */
export function emptyMapping(): Mapping {
  return Object.create(null) as Mapping;
}

interface Entry {
  readonly key: Place;
  readonly value: Place;
}

/** The places of keys and values. */
export class Places {
  readonly #source: Place;
  readonly #entries = new Map<string, Entry>();

  constructor(file: string) {
    this.#source = { file, line: null, col: null };
  }

  set(path: Path, value: Place, key: Place = value): void {
    this.#entries.set(JSON.stringify(path), { key, value });
  }

  /** The place of a value. For a missing value: the key of the nearest mapping above it. */
  ofValue(path: Path): Place {
    return this.#entries.get(JSON.stringify(path))?.value ?? this.ofKey(path.slice(0, -1));
  }

  /** The place of the value's key, or of the nearest key above it. */
  ofKey(path: Path): Place {
    const entry = this.#entries.get(JSON.stringify(path));
    if (entry !== undefined) return entry.key;
    return path.length === 0 ? this.#source : this.ofKey(path.slice(0, -1));
  }
}

export interface SourceTree {
  /** Mappings, arrays, texts, numbers, booleans and nulls. */
  readonly value: unknown;
  readonly places: Places;
  /** Faults found while reading, such as duplicate keys. */
  readonly faults: readonly Fault[];
  /** The line of a place, with what may be a secret masked; null where the place has no line. */
  readonly excerptAt: ExcerptAt;
}

/** A tree of a plain object that came from no file; faults call it `name`. */
export function treeFromObject(value: unknown, name: string): SourceTree {
  return { value: copy(value), places: new Places(name), faults: [], excerptAt: () => null };
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isMapping(value)) return value;
  const mapping = emptyMapping();
  for (const [key, child] of Object.entries(value)) mapping[key] = copy(child);
  return mapping;
}

/** The value at a path; undefined if there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
    return isMapping(value) ? value[String(key)] : undefined;
  }, root);
}

/** The mapping at a path; an empty one if there is none. */
export function mappingAt(tree: SourceTree, path: Path): Mapping {
  const value = valueAt(tree.value, path);
  return isMapping(value) ? value : emptyMapping();
}

/** Sets the value at a path and makes missing mappings. Does nothing if a plain value is on the path. */
export function putAt(root: unknown, path: Path, value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (Array.isArray(root) && typeof key === 'number') {
    if (rest.length === 0) root[key] = value;
    else putAt(root[key], rest, value);
  } else if (isMapping(root)) {
    const name = String(key);
    if (rest.length === 0) root[name] = value;
    else {
      root[name] ??= emptyMapping();
      putAt(root[name], rest, value);
    }
  }
}

/** A fault at a place of the tree. */
export function faultAt(place: Place, path: Path, message: string, hint: string | null = null): Fault {
  return { ...place, path: formatPath(path), message, hint };
}
