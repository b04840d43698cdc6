/** What a refusal says: the admin server and both kinds of providers put it into `error.message`. Pure. */
import { asRecord, asString } from '../shared/json.ts';

/** The message in a parsed body; null where there is none. */
export function errorMessage(body: unknown): string | null {
  return asString(asRecord(asRecord(body)?.error)?.message);
}
