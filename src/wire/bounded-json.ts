/**
 * Parses JSON of others within what one turn of the event loop can bear. A tree costs its reader by its brackets, commas
 * and names, up to 50 ns for each byte outside of strings, and several times that in memory.
 */
import { parseJson } from '../shared/json.ts';
import { JsonFault, JsonScan, type ScanObserver } from './json-scan.ts';

/** A tree of more bytes outside of strings is not made. */
export const MOST_OF_A_TREE = 512 * 1024;

/** A smaller text is parsed at once. */
const SMALL_CHARACTERS = 64 * 1024;

const nobody: ScanObserver = {
  key: () => undefined,
  valueStart: () => undefined,
  valueEnd: () => undefined,
};

/** Parses any text; `undefined` if it is not JSON, or if its tree would be too large. */
export function parseBounded(text: string): unknown {
  return text.length <= SMALL_CHARACTERS || isBounded(Buffer.from(text)) ? parseJson(text) : undefined;
}

function isBounded(bytes: Buffer): boolean {
  try {
    new JsonScan(nobody, { utf8: false, bytesOutsideStrings: MOST_OF_A_TREE }).push(bytes);
    return true;
  } catch (error) {
    if (error instanceof JsonFault) return false;
    throw error;
  }
}
