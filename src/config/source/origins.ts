/**
 * Remembers which values came from references, and tells of wrong values without showing secrets: what a variable or a
 * file held is named by its reference, and what stands where a secret belongs is not shown at all.
 */
import { describeValue, type Fault, kindOf, type Path } from './faults.ts';
import { faultAt, type SourceTree, valueAt } from './source-tree.ts';

/** Which values came from references, by path: how a fault names them instead of showing them. */
export type Origins = ReadonlyMap<string, readonly string[]>;

/** The key of a path in `Origins`. */
export function originKey(path: Path): string {
  return JSON.stringify(path);
}

/** The fault of a value that should be something else. */
export function wrongAt(
  tree: SourceTree,
  path: Path,
  wish: string,
  origins: Origins,
  hint: string | null = null,
): Fault {
  const message = `should be ${wish}, got ${describeAt(tree, path, origins)}`;
  return faultAt(tree.places.ofValue(path), path, message, hint);
}

/** A value as a fault may show it: never what came from a reference or stands where a secret belongs. */
export function describeAt(tree: SourceTree, path: Path, origins: Origins): string {
  const value = valueAt(tree.value, path);
  const references = origins.get(originKey(path));
  if (references !== undefined) return `the value of ${references.join(' and ')}`;
  return isSecret(path, value) ? `${kindOf(value)} that is not shown` : describeValue(value);
}

/** Whether a value may be a secret, by its place. A URL is one when it seems to carry credentials or a query. */
function isSecret(path: Path, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  const key = path.at(-1);
  if (key === 'base_url') return typeof value === 'string' && /[@?#]/.test(value);
  return key === 'api_key' || key === 'token' || (path[0] === 'server' && path[1] === 'keys');
}
