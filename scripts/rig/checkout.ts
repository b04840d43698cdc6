/** Where this checkout is, and the two forms in which the command can be run from it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The script of the command: what ships (`dist`), or its source. */
export function commandScript(built: boolean): string {
  return join(root, built ? 'dist/cli/main.js' : 'src/cli/main.ts');
}
