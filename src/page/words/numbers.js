/** Numbers as people read them: three digits that count, the unit behind a narrow space. Pure. */

const SPACE = '\u202f';

/** `12.5 k`: a number of any size. @param {number} value */
export function short(value) {
  if (value === 0) return '0';
  if (value >= 1e6) return `${trimmed(value / 1e6)}${SPACE}M`;
  if (value >= 10_000) return `${trimmed(value / 1e3)}${SPACE}k`;
  if (value >= 100) return String(Math.round(value));
  return trimmed(value);
}

/** @param {number} value */
function trimmed(value) {
  if (value >= 100) return String(Math.round(value));
  if (value >= 10) return String(Math.round(value * 10) / 10);
  const rounded = Math.round(value * 100) / 100;
  return rounded === 0 && value > 0 ? '<0.01' : String(rounded);
}

/** `412 ms`, `1.8 s`. @param {number | null} value in ms @returns {string | null} */
export function milliseconds(value) {
  if (value === null) return null;
  if (value >= 10_000) return `${Math.round(value / 1000)}${SPACE}s`;
  if (value >= 1_000) return `${Math.round(value / 100) / 10}${SPACE}s`;
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10}${SPACE}ms`;
}

/** `0.4 %`. @param {number} share 0..1; what is not 0 is never shown as 0, and what is not all never as all */
export function percent(share) {
  if (share <= 0) return `0${SPACE}%`;
  if (share >= 1) return `100${SPACE}%`;
  if (share < 0.001) return `<0.1${SPACE}%`;
  const value = share < 0.0995 ? Math.round(share * 1000) / 10 : Math.round(share * 100);
  return `${Math.min(99, value)}${SPACE}%`;
}

/** `$20.81`. @param {number | null} value @returns {string | null} */
export function dollars(value) {
  if (value === null) return null;
  if (value === 0) return '$0';
  if (value < 0.01) return '<$0.01';
  if (value < 100) return `$${value.toFixed(2)}`;
  return `$${short(Math.round(value))}`;
}

/** `3 targets`. @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
