/**
 * Type guards for JSON from outside: payloads of clients and providers, messages and files of other processes. Such
 * JSON is `unknown` and is read through these guards. They check shapes only and never throw.
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

/** The value if it is a finite number above 0, otherwise 0: a provider's number must not decrease a counter. */
export function asCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}

/** Parses any text; `undefined`, which is no JSON value, if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body of JSON without the byte order mark that some servers begin it with, and that parsers refuse. */
export function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/** Whether a text is JSON, or begins with a line of JSON, as streams of some servers do. */
export function isJsonText(text: string): boolean {
  return parseJson(text) !== undefined || asRecord(parseJson(text.slice(0, text.indexOf('\n') + 1))) !== null;
}
