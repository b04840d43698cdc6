/**
 * Parses durations (`75s`) and sizes (`32mb`). A number without a unit is refused: seconds and milliseconds are easily
 * confused.
 */

const millisecondsPer = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const bytesPer = { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 } as const;

/** The texts that `parseDuration` accepts. */
export const durationPattern = /^\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d)$/;
/** The texts that `parseSize` accepts. */
export const sizePattern = /^\d{1,12}(?:\.\d{1,6})?(?:b|kb|mb|gb|B|KB|MB|GB)$/;

/** The longest wait of a timer (2^31 - 1 ms), in whole days. */
export const LONGEST_DURATION = '24d';

/** Whole milliseconds (rounded) of `500ms`, `1.5s`, `75s`, `10m`, `1h` or `24d`; null for any other text. */
export function parseDuration(text: string): number | null {
  return durationPattern.test(text) ? scale(text, millisecondsPer) : null;
}

/** Bytes of `512b`, `64kb`, `32mb` or `1gb` (1 kb = 1,024 b), in small or capital letters; null for any other text. */
export function parseSize(text: string): number | null {
  return sizePattern.test(text) ? scale(text.toLowerCase(), bytesPer) : null;
}

function scale(text: string, units: Readonly<Record<string, number>>): number | null {
  const amount = Number.parseFloat(text);
  const factor = units[text.replace(/^[\d.]+/, '')];
  return factor === undefined ? null : Math.round(amount * factor);
}
