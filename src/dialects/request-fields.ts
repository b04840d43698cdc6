/** Reads the parameters of a request, as a tree, that dialects have alike. */
import type { JsonRecord } from '../shared/json.ts';
import { invalidValue } from './refusal.ts';

/** A number; null where it is not given, or null. Throws `GatewayError` (`invalid_value`) for another value. */
export function numberField(body: JsonRecord, name: string): number | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return value;
  throw invalidValue(name, 'should be a number');
}
