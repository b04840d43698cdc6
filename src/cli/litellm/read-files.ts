/**
 * A configuration of LiteLLM's with the files that it includes, put together as LiteLLM does: lists are added up, and of all
 * else the included file decides.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { JsonRecord } from '../../shared/json.ts';
import { CommandError } from '../failures.ts';
import { readMapping } from './read-yaml.ts';
import type { Left } from './source.ts';

/** Of a list, the entries from `start` on stand in `file`. */
interface Piece {
  readonly key: string;
  readonly start: number;
  readonly file: string;
}

/** All files as one. */
interface LitellmFiles {
  readonly tree: JsonRecord;
  /** In the order in which the files were read. */
  readonly pieces: readonly Piece[];
  /** Files that are included and not there. */
  readonly missing: readonly Left[];
}

/** Reads a file and all that it includes, each once. */
export function readLitellmFiles(file: string): LitellmFiles {
  let tree = readMapping(file);
  const pieces: Piece[] = [];
  const missing: Left[] = [];
  const seen = new Set([path.resolve(file)]);
  const waiting = includesOf(tree, file);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const place = placeOf(next, file);
    if (place === null)
      missing.push({ path: 'include', why: `${next.name} is not there: what it says is missing here` });
    if (place === null || seen.has(path.resolve(place))) continue;
    seen.add(path.resolve(place));
    const other = readMapping(place);
    waiting.push(...includesOf(other, place));
    for (const [key, value] of Object.entries(other)) {
      const own = tree[key];
      if (Array.isArray(own) && Array.isArray(value)) pieces.push({ key, start: own.length, file: place });
      else if (Array.isArray(value)) pieces.push({ key, start: 0, file: place });
      const both = Array.isArray(own) && Array.isArray(value) ? [...own, ...value] : value;
      if (key !== 'include') tree = { ...tree, [key]: both };
    }
  }
  return { tree: Object.fromEntries(Object.entries(tree).filter(([key]) => key !== 'include')), pieces, missing };
}

/** What was left, by its place in the file in which it stands. */
export function inTheirFiles(left: readonly Left[], { pieces, missing }: LitellmFiles): Left[] {
  const placed = left.map(({ path: name, why }) => {
    const [whole = '', key = '', index = ''] = /^(\w+)\[(\d+)\]/.exec(name) ?? [];
    const piece = pieces.findLast((each) => each.key === key && each.start <= Number(index));
    if (piece === undefined) return { path: name, why };
    return { path: `${piece.file} ${key}[${Number(index) - piece.start}]${name.slice(whole.length)}`, why };
  });
  return [...missing, ...placed];
}

interface Include {
  readonly name: string;
  readonly by: string;
}

function includesOf({ include }: JsonRecord, by: string): Include[] {
  if (include === undefined || include === null) return [];
  return (Array.isArray(include) ? include : [include]).map((name: unknown) => {
    if (typeof name !== 'string') throw new CommandError(`${by} include: should be a list of paths`);
    return { name, by };
  });
}

/** Beside the file that includes it, else beside the first one. */
function placeOf({ name, by }: Include, first: string): string | null {
  const places = [by, first].map((file) => path.join(path.isAbsolute(name) ? '/' : path.dirname(file), name));
  return places.find((each) => existsSync(each)) ?? null;
}
