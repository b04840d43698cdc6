/**
 * Times for people: local, with the offset from UTC, so that two people on a call mean the same moment. What programs read
 * has ISO 8601 in UTC. Pure, but for the zone of the process.
 */

const MS_PER_MINUTE = 60_000;

/** `2026-11-27 14:02:03+01:00`. @param wallMs since 1970 */
export function localTime(wallMs: number): string {
  const { date, clock, offset } = partsOf(wallMs);
  return `${date} ${clock}${offset}`;
}

/** `14:02:03+01:00`, for what is not far away. @param wallMs since 1970 */
export function localClock(wallMs: number): string {
  const { clock, offset } = partsOf(wallMs);
  return `${clock}${offset}`;
}

function partsOf(wallMs: number): { readonly date: string; readonly clock: string; readonly offset: string } {
  const ahead = -new Date(wallMs).getTimezoneOffset();
  // Read as UTC, a moment that is moved by the offset has the local digits.
  const [date = '', time = ''] = new Date(wallMs + ahead * MS_PER_MINUTE).toISOString().split('T');
  const sign = ahead < 0 ? '-' : '+';
  const digits = (value: number) => String(value).padStart(2, '0');
  const offset = `${sign}${digits(Math.floor(Math.abs(ahead) / 60))}:${digits(Math.abs(ahead) % 60)}`;
  return { date, clock: time.slice(0, 'hh:mm:ss'.length), offset };
}
