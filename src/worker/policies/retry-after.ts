/**
 * Reads a provider's Retry-After headers. Pure.
 */

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110, 10.2.3). Null if there is none or its
 * value is not valid. A date in the past gives 0. A date is read by the clock that wrote it: where the answer has a Date
 * header, that is the present moment.
 *
 * @param wallMs the current wall time, to convert a date of an answer without a Date header
 * @returns milliseconds
 */
export function retryAfterMs(headers: Headers, wallMs: number): number | null {
  const milliseconds = amount(single(headers['retry-after-ms']));
  if (milliseconds !== null) return milliseconds;
  const text = single(headers['retry-after']);
  const seconds = amount(text);
  if (seconds !== null) return seconds * 1000;
  const moment = date(text);
  return moment === null ? null : Math.max(0, moment - (date(single(headers.date)) ?? wallMs));
}

/** In ms since 1970; null where it is none. */
function date(text: string | null): number | null {
  // Date.parse accepts nearly any text as a date, even "-1". An HTTP date begins with the name of the day.
  const moment = text !== null && /^[a-z]{3,9},? /i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(moment) ? null : moment;
}

function single(value: string | string[] | undefined): string | null {
  return typeof value === 'string' ? value.trim() : null;
}

function amount(text: string | null): number | null {
  // Beyond 15 digits a number may be infinite, or become so in milliseconds.
  return text !== null && /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : null;
}
