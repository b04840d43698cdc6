/**
 * Reads what a provider says about when to come back. Pure.
 */

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3); null when there is none or it makes no
 * sense. A moment in the past is 0.
 *
 * @param wallMs now, for the date form
 * @returns milliseconds
 */
export function retryAfterMs(headers: Headers, wallMs: number): number | null {
  const milliseconds = amount(single(headers['retry-after-ms']));
  if (milliseconds !== null) return milliseconds;
  const text = single(headers['retry-after']);
  const seconds = amount(text);
  if (seconds !== null) return seconds * 1000;
  // Date.parse takes nearly anything for a date, "-1" too; an HTTP date begins with the day's name.
  const moment = text !== null && /^[a-z]{3,9},? /i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? null : Math.max(0, moment - wallMs);
}

function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value.trim() : null;
}

function amount(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
