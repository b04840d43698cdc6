/**
 * Finds where the values of a few fields are in a JSON object, without a tree of it. Only the object's own fields are
 * found, not those of what is in it. Of a name that occurs twice the last value counts, as for `JSON.parse`.
 */
import { MOST_OF_A_TREE } from './bounded-json.ts';
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';
import type { ByteRange } from './request-scan.ts';
import { isName } from './routing-keys.ts';

/** What lies behind is not looked at: a scan of all of a large text would be one long turn. */
const SEARCHED_BYTES = 1024 * 1024;

/** The places, in the order of the names; null for a field that is not there, or not within what is looked at. */
export function fieldPlaces(json: Buffer, names: readonly string[]): readonly (ByteRange | null)[] {
  const finder = new FieldFinder(names);
  try {
    new JsonScan(finder, { utf8: false, bytesOutsideStrings: MOST_OF_A_TREE }).push(json.subarray(0, SEARCHED_BYTES));
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    // What stands before the fault was found.
  }
  return finder.places;
}

class FieldFinder implements ScanObserver {
  readonly places: (ByteRange | null)[];
  readonly #names: readonly string[];
  /** Of the field whose value is being read; -1: none of them. */
  #index = -1;
  #start = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.places = names.map(() => null);
  }

  key(depth: number, bytes: Buffer, from: number, to: number): void {
    if (depth === 1) this.#index = this.#names.findIndex((name) => isName(name, bytes, from, to));
  }

  valueStart(depth: number, offset: number): void {
    if (depth === 1) this.#start = offset;
  }

  valueEnd(depth: number, offset: number): void {
    if (depth !== 1 || this.#index < 0) return;
    this.places[this.#index] = { start: this.#start, end: offset };
    this.#index = -1;
  }
}
