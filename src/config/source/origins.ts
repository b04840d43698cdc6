/**
 * Records which values came from references, and describes wrong values without their secrets: a value from a variable
 * or a file is shown as its reference, and the value of a secret key is not shown.
 */
import { isMisplacedKey, mayBeSecret } from '../schema/secret-paths.ts';
import { describeValue, type Fault, kindOf, type Path } from './faults.ts';
import { faultAt, type SourceTree, valueAt } from './source-tree.ts';

/** The references of each value that came from references, by path. A fault shows them instead of the value. */
export type Origins = ReadonlyMap<string, readonly string[]>;

/** The key of a path in `Origins`. */
export function originKey(path: Path): string {
  return JSON.stringify(path);
}

/** The fault `should be X, got Y` of a value. */
export function wrongAt(
  tree: SourceTree,
  path: Path,
  expected: string,
  origins: Origins,
  hint: string | null = null,
): Fault {
  const message = `should be ${expected}, got ${describeAt(tree, path, origins)}`;
  return faultAt(tree.places.ofValue(path), path, message, hint);
}

/** A value for a fault's text. Values from references and values of secret keys are never shown. */
export function describeAt(tree: SourceTree, path: Path, origins: Origins): string {
  const value = valueAt(tree.value, path);
  const references = origins.get(originKey(path));
  if (references !== undefined) return `the value of ${references.join(' and ')}`;
  return isSecret(path, value) ? `${kindOf(value)} (not shown, since it may be a secret)` : describeValue(value);
}

/** Also where an `@` was forgotten: a colon has a port behind it, or a path. */
function mayHoldCredentials(url: string): boolean {
  return /[@?#]|:(?![/\d]|$)/.test(url.replace(/\[[\da-f:.]*\]/i, ''));
}

/** Whether a value may be a secret, by its path. A URL may be one if it seems to hold credentials or a query. */
export function isSecret(path: Path, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (path.at(-1) === 'base_url') return typeof value === 'string' && mayHoldCredentials(value);
  return mayBeSecret(path) || isMisplacedKey(path, value);
}
