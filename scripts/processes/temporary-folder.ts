/**
 * Folders under the system's temporary folder. Each is removed when this process exits, unless it was removed before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit } from './clean-up.ts';

/** A folder and its removal. */
export interface TemporaryFolder {
  readonly folder: string;
  remove(): void;
}

/** Creates an empty folder. @param kind a part of its name @param parent default: the system's temporary folder */
export function temporaryFolder(kind = 'test', parent = tmpdir()): TemporaryFolder {
  const folder = mkdtempSync(join(parent, `headgate-${kind}-`));
  // Processes that were killed a moment ago may still write there, which makes the first tries fail.
  const removeNow = () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  const cancel = atExit(removeNow);
  return {
    folder,
    remove: () => {
      cancel();
      removeNow();
    },
  };
}

/** Runs `use` with a folder and removes it afterwards. */
export async function withFolder<T>(kind: string, use: (folder: string) => Promise<T>): Promise<T> {
  const { folder, remove } = temporaryFolder(kind);
  try {
    return await use(folder);
  } finally {
    remove();
  }
}
