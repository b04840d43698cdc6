/**
 * Guards for JSON of foreign origin: payloads of clients and providers, messages and files of other processes enter as
 * `unknown` and are looked at through these. They judge shapes only and never throw.
 */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value as an object with string keys; null for arrays, null and everything else. */
export function asRecord(value: unknown): JsonRecord | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : null;
}

/** The value as an array; empty for everything else. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string; null for everything else. */
export function asString(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The value as a count, 0 for everything that is none: a provider's numbers must not make a metric go down. */
export function asCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

/** Parses text that may be anything; `undefined` (which JSON cannot say) where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
