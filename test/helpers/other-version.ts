/**
 * Another version of the program, for tests of upgrades: a copy of the sources with some of their text replaced, which
 * runs beside this version.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What differs: a file below `src`, a text that stands in it, and what stands there in the other version. */
export interface Difference {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export class OtherVersion {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'headgate-version-'));

  /** Throws when a text to be replaced is not there: the test would try this version against itself. */
  constructor(differences: readonly Difference[]) {
    cpSync(path.join(root, 'src'), path.join(this.#folder, 'src'), { recursive: true });
    cpSync(path.join(root, 'package.json'), path.join(this.#folder, 'package.json'));
    symlinkSync(path.join(root, 'node_modules'), path.join(this.#folder, 'node_modules'));
    for (const { file, from, to } of differences) {
      const place = path.join(this.#folder, 'src', file);
      const text = readFileSync(place, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      writeFileSync(place, text.replace(from, to));
    }
  }

  /** Its `src/cli/main.ts`. */
  get program(): string {
    return path.join(this.#folder, 'src', 'cli', 'main.ts');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
