/**
 * Replaces the references in all texts of a tree, in place. If a reference has no value, its text becomes undefined and
 * a fault is added; the undefined value keeps later steps from adding further faults.
 */
import type { Fault, Path } from './faults.ts';
import { interpolate, type ReferenceSources } from './interpolate.ts';
import { type Origins, originKey } from './origins.ts';
import { faultAt, isMapping, putAt, type SourceTree } from './source-tree.ts';

export interface TreeInterpolation {
  readonly origins: Origins;
  readonly faults: readonly Fault[];
}

/** Walks the tree once. Keys do not change. */
export function interpolateTree(tree: SourceTree, sources: ReferenceSources): TreeInterpolation {
  const origins = new Map<string, readonly string[]>();
  const faults: Fault[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) for (const [index, child] of value.entries()) visit(child, [...path, index]);
    if (isMapping(value)) for (const [key, child] of Object.entries(value)) visit(child, [...path, key]);
    if (typeof value !== 'string') return;
    const result = interpolate(value, sources);
    if (result.kind === 'failed') {
      faults.push(faultAt(tree.places.ofValue(path), path, result.message));
      putAt(tree.value, path, undefined);
    } else if (result.text !== value) {
      if (result.references.length > 0) origins.set(originKey(path), result.references);
      putAt(tree.value, path, result.text);
    }
  };
  visit(tree.value, []);
  return { origins, faults };
}
