/**
 * Times as people read them, with their offset from UTC: of the gateway's clock, as in its sentences, in its log and in a
 * terminal on its host, so that two people who look from different places say the same.
 */

const SPACE = '\u202f';

let named = '';
let format = formatIn(undefined);

/** From now on times are of this zone. A gateway that names none, or one that the browser does not know, has the browser's. @param {unknown} name */
export function useZone(name) {
  if (typeof name !== 'string' || name === named) return;
  named = name;
  try {
    format = formatIn(name);
  } catch {
    format = formatIn(undefined);
  }
}

/** @param {string | undefined} timeZone throws RangeError where it is not known */
function formatIn(timeZone) {
  const two = /** @type {const} */ ('2-digit');
  return new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', timeZoneName: 'longOffset' },
    ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
  });
}

/** @param {string | number | Date} at */
function partsOf(at) {
  /** @type {Partial<Record<Intl.DateTimeFormatPartTypes, string>>} */
  const parts = {};
  for (const { type, value } of format.formatToParts(new Date(at))) parts[type] = value;
  const { year, month, day, hour, minute, second, timeZoneName = '' } = parts;
  // `GMT+05:30`, or `GMT` alone.
  const offset = timeZoneName.replace('GMT', '') || '+00:00';
  return { date: `${year}-${month}-${day}`, clock: `${hour}:${minute}:${second}`, offset };
}

/** The clock's offset from UTC at that time, such as `+02:00`. @param {string | number | Date} [at] */
export function offset(at = Date.now()) {
  return partsOf(at).offset;
}

/** `14:02:09`. @param {string | number | Date} at */
export function clockTime(at) {
  return partsOf(at).clock;
}

/** `14:02:09`, with the day before it unless that is today. @param {string | number | Date} at */
export function shortTime(at) {
  const { date, clock } = partsOf(at);
  return date === partsOf(Date.now()).date ? clock : `${date} ${clock}`;
}

/** `14:02:09 +02:00`, with the day before it unless that is today. @param {string | number | Date} at */
export function localTime(at) {
  return `${shortTime(at)} ${offset(at)}`;
}

/** `1 h 5 min`, of two units at most. @param {number} seconds */
export function duration(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  /** @type {readonly (readonly [string, number])[]} */
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => total >= size);
  const unit = units[first];
  if (unit === undefined) return `0${SPACE}s`;
  const [name, size] = unit;
  const next = units[first + 1];
  const rest = next ? Math.floor((total % size) / next[1]) : 0;
  return `${Math.floor(total / size)}${SPACE}${name}${rest > 0 ? ` ${rest}${SPACE}${next[0]}` : ''}`;
}

/** The time until then; it never says less than nothing. @param {string} at */
export function timeLeft(at) {
  return duration(Math.ceil((Date.parse(at) - Date.now()) / 1000));
}
