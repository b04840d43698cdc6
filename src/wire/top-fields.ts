/**
 * Finds fields of an object by their names, in its bytes. For names that only a configuration knows: what every request is
 * read for, its own scan has found already (`request-scan.ts`).
 */
import { JsonScan, type ScanObserver } from './json-scan.ts';
import type { ByteRange } from './request-scan.ts';
import { isName } from './routing-keys.ts';

/** A field, and the place of its value. */
interface TopField {
  readonly name: string;
  readonly value: ByteRange;
}

/** Scans one JSON text. `push` and `end` throw `JsonFault`; after `end`, the rest may be read. */
export class TopFields implements ScanObserver {
  readonly #names: readonly string[];
  readonly #scan = new JsonScan(this);
  readonly #found: { readonly name: string; readonly value: { start: number; end: number } }[] = [];
  readonly #root = { start: 0, end: 0 };
  /** The field whose value is being read. */
  #current: { start: number; end: number } | null = null;

  constructor(names: readonly string[]) {
    this.#names = names;
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
    const name = this.#names.find((each) => isName(each, bytes, from, to));
    if (name === undefined) return;
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
