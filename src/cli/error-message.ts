/** Reads the message of an error answer. The admin server and both types of providers put it into `error.message`. */
import { asRecord, asString } from '../shared/json.ts';

/** The message in a parsed body; null if there is none. */
export function errorMessage(body: unknown): string | null {
  return asString(asRecord(asRecord(body)?.error)?.message);
}
