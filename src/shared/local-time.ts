/**
 * Times for people: local, with the offset from UTC, so that two people on a call mean the same moment. What programs read
 * has ISO 8601 in UTC. Pure, but for the zone of the process.
 */

const MS_PER_MINUTE = 60_000;

/** `2026-11-27 14:02:03+01:00`. @param wallMs since 1970 */
export function localTime(wallMs: number): string {
  const { date, clock, offset } = localParts(wallMs);
  return `${date} ${clock}${offset}`;
}

/** `14:02:03+01:00`, for what is not far away. @param wallMs since 1970 */
export function localClock(wallMs: number): string {
  const { clock, offset } = localParts(wallMs);
  return `${clock}${offset}`;
}

/** `14:02+01:00`, or `27 Nov 14:02+01:00` of another day than today; for sentences. @param wallMs since 1970 @param nowMs the same, now */
export function localMoment(wallMs: number, nowMs: number): string {
  const { date, clock, offset } = localParts(wallMs);
  const minute = `${clock.slice(0, 'hh:mm'.length)}${offset}`;
  if (date === localParts(nowMs).date) return minute;
  const [, month, day] = date.split('-').map(Number);
  return `${day} ${MONTHS[(month ?? 1) - 1]} ${minute}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `2026-11-27`, `14:02:03` and `+01:00`. @param wallMs since 1970 */
export function localParts(wallMs: number): { readonly date: string; readonly clock: string; readonly offset: string } {
  const ahead = -new Date(wallMs).getTimezoneOffset();
  // Read as UTC, a moment that is moved by the offset has the local digits.
  const [date = '', time = ''] = new Date(wallMs + ahead * MS_PER_MINUTE).toISOString().split('T');
  const sign = ahead < 0 ? '-' : '+';
  const digits = (value: number) => String(value).padStart(2, '0');
  const offset = `${sign}${digits(Math.floor(Math.abs(ahead) / 60))}:${digits(Math.abs(ahead) % 60)}`;
  return { date, clock: time.slice(0, 'hh:mm:ss'.length), offset };
}
