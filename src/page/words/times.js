/** Times as people read them: of their own clock, with its offset from UTC. */

const SPACE = '\u202f';
const two = (/** @type {number} */ value) => String(value).padStart(2, '0');

/** The clock's offset from UTC at that time, such as `+02:00`. @param {Date} [at] */
export function offset(at = new Date()) {
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '−' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** `14:02:09`. @param {string | number | Date} at */
export function clockTime(at) {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:02:09 +02:00`, with the day before it unless that is today. @param {string | number | Date} at */
export function localTime(at) {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? '' : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} `;
  return `${day}${clockTime(date)} ${offset(date)}`;
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
