/**
 * `primary.json` in the state folder: the generation that holds the port. Orphans have no channel to a primary, so they
 * read this file to learn when a successor serves and they may end.
 */
import { isCount } from '../event-guard.ts';
import { asRecord } from '../json.ts';

export const PRIMARY_FILE = 'primary.json';

/** A larger file is none of ours. */
export const MAX_PRIMARY_FILE_BYTES = 4096;

export interface PrimaryFile {
  readonly pid: number;
  /** Grows by 1 with each start after a generation that had been ready; a clean stop removes the file. */
  readonly generation: number;
  /** `starting`: not all slots are ready. `stopping`: the gateway stops on purpose, and orphans must end too. */
  readonly state: 'starting' | 'ready' | 'stopping';
}

/** Whether parsed JSON is such a file. */
export function isPrimaryFile(value: unknown): value is PrimaryFile {
  const { pid, generation, state } = asRecord(value) ?? {};
  return isCount(pid) && isCount(generation) && (state === 'starting' || state === 'ready' || state === 'stopping');
}
