/** Times as people read them: on the clock of this host, with its offset, so that they can be compared with those of others. Pure. */

/** `2026-11-27 16:40:21 +01:00` for an ISO time; a text that is none stays as it is. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const minutes = -time.getTimezoneOffset();
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const hour = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  const size = Math.abs(minutes);
  return `${day} ${hour} ${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
