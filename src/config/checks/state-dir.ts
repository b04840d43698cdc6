/**
 * Checks before the start whether `state_dir` can be a folder: a file in its place is a fault of the configuration.
 * A folder that cannot be written is no fault: the gateway also serves without it, and the check only holds for the user
 * who runs it. Nothing stays of what is written here.
 */
import { randomUUID } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemCode } from '../../shared/host/system-code.ts';
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

/** About what a checkpoint needs. A full disk still takes a file without content. */
const TRIAL_BYTES = 16 * 1024;

/**
 * The system's error code (`EACCES`, `ENOSPC`) if this user cannot write to the folder, or to the one in which it would
 * be made; null if they can. It writes a small file there and removes it: only that shows a full disk, or a folder of
 * the kernel.
 */
export function whyUnwritable(folder: string): string | null {
  const place = nearest(folder);
  if (place === null) return 'EACCES';
  const file = join(place.path, `.headgate-check-${randomUUID()}`);
  try {
    writeFileSync(file, Buffer.alloc(TRIAL_BYTES), { flag: 'wx', mode: 0o600 });
    return null;
  } catch (error) {
    return systemCode(error) ?? 'an error';
  } finally {
    remove(file);
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (error) {
    // What could not be made there cannot be removed either.
    if (systemCode(error) === null) throw error;
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
