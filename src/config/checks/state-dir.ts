/**
 * Looks whether `state_dir` can be what it is for, before anything runs: a file in its place is a fault of the
 * configuration. Nothing is made or changed here. That it cannot be written is no fault, since the gateway serves
 * without; and whether it can is only known for the user who asks.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../shared/system-code.ts';
import { defaults } from '../schema/defaults.ts';
import { describeValue, type Fault } from '../source/faults.ts';
import { describeAt, type Origins } from '../source/origins.ts';
import { faultAt, type SourceTree, valueAt } from '../source/source-tree.ts';

/** The fault of a `state_dir` that is no folder and cannot become one. `baseFolder` is what it is relative to. */
export function checkStateDir(tree: SourceTree, origins: Origins, baseFolder: string): Fault[] {
  const path = ['state_dir'];
  const given = valueAt(tree.value, path);
  const folder = given ?? defaults.general.state_dir;
  if (typeof folder !== 'string' || folder.includes('\0')) return [];
  if (nearest(resolve(baseFolder, folder))?.isFolder !== false) return [];
  const got = given === undefined ? describeValue(folder) : describeAt(tree, path, origins);
  const message = `should be a folder that is there or can be made, got ${got}, where something else is in the way`;
  return [faultAt(tree.places.ofValue(path), path, message)];
}

/** Why this user cannot write to a folder, or make it, as the system's code (`EACCES`); null where nothing speaks against it. */
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

/** The folder, or the nearest of those above it that is there; null where this user may not even look. */
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
