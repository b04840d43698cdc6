/** Type guards for untrusted JSON. Both dialects read request bodies with them. */

/** Whether `value` is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` with `unknown` items instead of `any`. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The text of a message's content: the string, or the joined `text` of its parts; other parts have none. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

/** Whether `value` is missing, or a whole number of at least `least`. */
export function isAbsentOrWhole(value: unknown, least: number): boolean {
  return value === undefined || value === null || (Number.isInteger(value) && Number(value) >= least);
}

/** Whether `value` is missing, or a number from `least` to `most`. */
export function isAbsentOrWithin(value: unknown, least: number, most: number): boolean {
  return value === undefined || value === null || (typeof value === 'number' && value >= least && value <= most);
}
