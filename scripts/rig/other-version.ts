/**
 * Another version of the program, for tests of upgrades and for measurements of a single part: a copy of the sources,
 * or of what ships, with some of its text replaced. It runs beside this version.
 */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { root } from './checkout.ts';

/** One replaced text. */
export interface Difference {
  /** Without its ending: `shared/ipc`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Differences in metrics between two versions. */
export const metricDifferences = {
  oneMore: {
    file: 'shared/metrics/metrics',
    from: 'unconfirmed: counter(',
    to: "extra: counter('llm_extra_total', 'Only in the other version', ['provider']), unconfirmed: counter(",
  },
  otherName: { file: 'shared/metrics/metrics', from: "'llm_attempts_total'", to: "'llm_tries_total'" },
  otherBuckets: {
    file: 'shared/metrics/metrics',
    from: 'const requestBuckets = [0.1, 0.5,',
    to: 'const requestBuckets = [0.1, 0.25, 0.5,',
  },
  otherProtocol: { file: 'shared/ipc', from: 'PROTOCOL = ', to: 'PROTOCOL = 10' },
} as const satisfies Readonly<Record<string, Difference>>;

export class OtherVersion {
  readonly #code: string;
  readonly #ending: 'js' | 'ts';
  readonly #remove: () => void;

  /**
   * Throws if a text to be replaced is not there.
   *
   * @param built a version of what ships (`dist`) instead of the sources
   */
  constructor(differences: readonly Difference[], built = false) {
    const { folder, remove } = temporaryFolder('version');
    const [code, ending] = built ? (['dist', 'js'] as const) : (['src', 'ts'] as const);
    this.#code = path.join(folder, code);
    this.#ending = ending;
    this.#remove = remove;
    for (const part of [code, 'package.json'])
      cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    for (const { file, from, to } of differences) this.change(file, (text) => text.replace(from, to));
  }

  /**
   * Rewrites a file. Throws if its text stays the same: two equal versions would be compared.
   *
   * @param file without its ending: `shared/ipc`
   */
  change(file: string, rewrite: (text: string) => string): void {
    const place = path.join(this.#code, `${file}.${this.#ending}`);
    const text = readFileSync(place, 'utf8');
    const rewritten = rewrite(text);
    if (rewritten === text) throw new Error(`nothing was changed in ${file}`);
    writeFileSync(place, rewritten);
  }

  /** The script of its command. */
  get program(): string {
    return path.join(this.#code, 'cli', `main.${this.#ending}`);
  }

  end(): Promise<void> {
    this.#remove();
    return Promise.resolve();
  }
}
