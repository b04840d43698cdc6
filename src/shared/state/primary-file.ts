/**
 * `primary.json` in the state folder: the generation that holds the port. Orphans have no channel to a primary, so they
 * read this file to learn when a successor serves and they may end.
 */
import { asRecord } from '../json.ts';

export const PRIMARY_FILE = 'primary.json';

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
  return (
    Number.isSafeInteger(pid) &&
    Number.isSafeInteger(generation) &&
    (state === 'starting' || state === 'ready' || state === 'stopping')
  );
}
