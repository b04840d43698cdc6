/**
 * Checks before the start whether `state_dir` can be a folder: a file in its place is a fault of the configuration.
 * Nothing is created or changed here. A folder that cannot be written is no fault: the gateway also serves without it,
 * and the check only holds for the user who runs it.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../shared/system-code.ts';
import { defaults } from '../schema/defaults.ts';
import { describeValue, type Fault } from '../source/faults.ts';
import { describeAt, type Origins } from '../source/origins.ts';
import { faultAt, type SourceTree, valueAt } from '../source/source-tree.ts';

/** The fault of a `state_dir` that is no folder and cannot become one. A relative path starts from `baseFolder`. */
export function checkStateDir(tree: SourceTree, origins: Origins, baseFolder: string): Fault[] {
  const path = ['state_dir'];
  const given = valueAt(tree.value, path);
  const folder = given ?? defaults.general.state_dir;
  if (typeof folder !== 'string' || folder.includes('\0')) return [];
  if (nearest(resolve(baseFolder, folder))?.isFolder !== false) return [];
  const got = given === undefined ? describeValue(folder) : describeAt(tree, path, origins);
  const message = `should be a folder that exists or can be created, got ${got}, but something in this path is no folder`;
  return [faultAt(tree.places.ofValue(path), path, message)];
}

/** The system's error code (`EACCES`) if this user can neither write to the folder nor create it; null if they can. */
export function whyUnwritable(folder: string): string | null {
  const place = nearest(folder);
  if (place === null) return 'EACCES';
  try {
    accessSync(place.path, constants.W_OK);
    return null;
  } catch (error) {
    return systemCode(error) ?? 'an error';
  }
}

/** The path itself, or the nearest existing path above it; null if this user may not look there. */
function nearest(path: string): { readonly path: string; readonly isFolder: boolean } | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined) return { path, isFolder: found.isDirectory() };
  } catch (error) {
    if (systemCode(error) !== null) return null;
    throw error;
  }
  return nearest(dirname(path));
}
