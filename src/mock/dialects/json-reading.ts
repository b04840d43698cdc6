/**
 * Looking into foreign JSON: the guards that both dialects read request bodies with.
 */

/** Whether `value` is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` without its `any`. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The text of a message's content: a string, or the `text` of its parts; other parts have none. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

/** Whether `value` is missing, or a whole number from `least`. */
export function isAbsentOrWhole(value: unknown, least: number): boolean {
  return value === undefined || value === null || (Number.isInteger(value) && Number(value) >= least);
}

/** Whether `value` is missing, or a number within the bounds. */
export function isAbsentOrWithin(value: unknown, least: number, most: number): boolean {
  return value === undefined || value === null || (typeof value === 'number' && value >= least && value <= most);
}
