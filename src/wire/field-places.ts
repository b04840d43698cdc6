/**
 * Finds where the values of a few fields are in a JSON object, without a tree of it: its own fields, or those of one object
 * in it. Of a name that occurs twice the last value counts, as for `JSON.parse`.
 */
import { MOST_OF_A_TREE } from './bounded-json.ts';
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';
import type { ByteRange } from './request-scan.ts';
import { isName } from './routing-keys.ts';

/** What lies behind is not looked at: no event is larger, and a scan of all of a larger answer would be one long turn. */
const SEARCHED_BYTES = 16 * 1024 * 1024;

/**
 * The places, in the order of the names; null for a field that is not there, or not within what is looked at.
 *
 * @param within the field that holds the object; null: the fields are those of the text's own object
 */
export function fieldPlaces(
  json: Buffer,
  names: readonly string[],
  within: string | null = null,
): readonly (ByteRange | null)[] {
  const finder = new FieldFinder(names, within);
  try {
    new JsonScan(finder, { utf8: false, bytesOutsideStrings: MOST_OF_A_TREE }).push(json.subarray(0, SEARCHED_BYTES));
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    // What stands before the fault was found.
  }
  return finder.places;
}

class FieldFinder implements ScanObserver {
  places: (ByteRange | null)[];
  readonly #names: readonly string[];
  readonly #within: string | null;
  /** Brackets around the fields. */
  readonly #depth: number;
  #isWithin: boolean;
  /** Of the field whose value is being read; -1: none of them. */
  #index = -1;
  #start = 0;

  constructor(names: readonly string[], within: string | null) {
    this.#names = names;
    this.#within = within;
    this.#depth = within === null ? 1 : 2;
    this.#isWithin = within === null;
    this.places = names.map(() => null);
  }

  key(depth: number, bytes: Buffer, from: number, to: number): void {
    if (depth === 1 && this.#within !== null) this.#enter(isName(this.#within, bytes, from, to));
    else if (depth === this.#depth && this.#isWithin) {
      this.#index = this.#names.findIndex((name) => isName(name, bytes, from, to));
    }
  }

  valueStart(depth: number, offset: number): void {
    if (depth === this.#depth) this.#start = offset;
  }

  valueEnd(depth: number, offset: number): void {
    if (depth !== this.#depth || this.#index < 0) return;
    this.places[this.#index] = { start: this.#start, end: offset };
    this.#index = -1;
  }

  /** What a field of the same name before has held does not count. */
  #enter(isWithin: boolean): void {
    this.#isWithin = isWithin;
    if (isWithin) this.places = this.#names.map(() => null);
  }
}
