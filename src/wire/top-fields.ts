/**
 * Finds fields of an object by their names, in its bytes. For names that only a configuration knows: what every request is
 * read for, its own scan has found already (`request-scan.ts`).
 */
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';
import type { ByteRange } from './request-scan.ts';
import { isName } from './routing-keys.ts';

/**
 * A name may stand so often. Parsers take the first or the last of several, so some are edited; of more than these, a small
 * body would take a hundred times its size in memory.
 */
export const MOST_OF_A_NAME = 16;

/** A name that is looked for stands more than `MOST_OF_A_NAME` times. */
export class RepeatedNameError extends JsonFault {
  readonly key: string;

  constructor(key: string) {
    super('key', `${key} occurs more than ${MOST_OF_A_NAME} times`);
    this.key = key;
  }
}

/** A field, and the place of its value. */
interface TopField {
  readonly name: string;
  readonly value: ByteRange;
}

/** Scans one JSON text. `push` and `end` throw `JsonFault`, also where a name stands too often; after `end`, the rest may be read. */
export class TopFields implements ScanObserver {
  readonly #names: readonly string[];
  readonly #scan = new JsonScan(this);
  readonly #found: { readonly name: string; readonly value: { start: number; end: number } }[] = [];
  readonly #root = { start: 0, end: 0 };
  /** How often each of the names was found. */
  readonly #counts: number[];
  /** The field whose value is being read. */
  #current: { start: number; end: number } | null = null;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#counts = names.map(() => 0);
  }

  push(chunk: Buffer): void {
    this.#scan.push(chunk);
  }

  end(): void {
    this.#scan.end();
  }

  /** Those that have one of the names, in the order of their places: a name may be there more than once. */
  get all(): readonly TopField[] {
    return this.#found;
  }

  /** The whole object. */
  get root(): ByteRange {
    return this.#root;
  }

  key(depth: number, bytes: Buffer, from: number, to: number): void {
    if (depth !== 1) return;
    const index = this.#names.findIndex((each) => isName(each, bytes, from, to));
    const name = this.#names[index];
    if (name === undefined) return;
    const count = (this.#counts[index] ?? 0) + 1;
    if (count > MOST_OF_A_NAME) throw new RepeatedNameError(name);
    this.#counts[index] = count;
    this.#current = { start: 0, end: 0 };
    this.#found.push({ name, value: this.#current });
  }

  valueStart(depth: number, offset: number): void {
    if (depth === 0) this.#root.start = offset;
    else if (depth === 1 && this.#current !== null) this.#current.start = offset;
  }

  valueEnd(depth: number, offset: number): void {
    if (depth === 0) this.#root.end = offset;
    else if (depth === 1 && this.#current !== null) {
      this.#current.end = offset;
      this.#current = null;
    }
  }
}
