/**
 * `primary.json` in the state folder: which life of the gateway holds the port. Orphans have no channel to learn it
 * from; they read this file to know when a successor serves and they may go.
 */
import { asRecord } from '../json.ts';

export const PRIMARY_FILE = 'primary.json';

export interface PrimaryFile {
  readonly pid: number;
  /** Grows by 1 with each start that follows a life which had been ready; a clean stop removes the file. */
  readonly generation: number;
  /** `starting`: not all slots are ready. `stopping`: the gateway ends on purpose, and its orphans shall too. */
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
