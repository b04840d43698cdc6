/**
 * How long an empty slot waits for its next worker. Pure. The first replacement comes at once, since most deaths are
 * single; a worker that keeps dying young waits longer each time, so a crash loop never spins.
 */

/** A worker that was ready for so long proves its slot sound again. */
export const STABLE_MS = 2_000;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/** So many deaths in a row, each before `STABLE_MS`, are a crash loop. */
export const CRASH_LOOP = 3;

/** What to do about a death: wait `delayMs`; `failures` is the new count of early deaths in a row. */
interface Restart {
  readonly delayMs: number;
  readonly failures: number;
}

/** Judges one death. `readyForMs` is how long the worker had been ready, 0 if it never was. */
export function nextRestart(failures: number, readyForMs: number): Restart {
  const before = readyForMs >= STABLE_MS ? 0 : failures;
  const delayMs = before === 0 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (before - 1));
  return { delayMs, failures: before + 1 };
}
