/** Checks that the packages are installed that traces need: they are no dependencies of the gateway. */
import { tracingPackages } from '../../shared/tracing.ts';
import type { Fault } from '../source/faults.ts';
import { faultAt, isMapping, type SourceTree, valueAt } from '../source/source-tree.ts';

/** @param isInstalled whether a package can be loaded from here */
export function checkTracing(tree: SourceTree, isInstalled: (name: string) => boolean = canResolve): Fault[] {
  if (!isMapping(valueAt(tree.value, ['tracing']))) return [];
  const missing = Object.entries(tracingPackages).filter(([name]) => !isInstalled(name));
  if (missing.length === 0) return [];
  const names = missing.map(([name]) => name).join(', ');
  const all = Object.entries(tracingPackages).map(([name, version]) => `${name}@${version}`);
  const message = `should be left out while packages that traces need are not installed: ${names}`;
  const hint = `install them beside headgate (npm install ${all.join(' ')}; with -g if headgate is installed so)`;
  return [faultAt(tree.places.ofKey(['tracing']), ['tracing'], message, hint)];
}

function canResolve(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    // Node says that there is no such package.
    return false;
  }
}
