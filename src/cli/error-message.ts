/** Reads the `error.message` of an error answer, from the admin server or a provider of either type. Pure. */
import { asRecord, asString } from '../shared/json.ts';

/** The message in a parsed body; null if there is none. */
export function errorMessage(body: unknown): string | null {
  return asString(asRecord(asRecord(body)?.error)?.message);
}
