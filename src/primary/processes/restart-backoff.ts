/**
 * How long an empty slot waits for its next worker. Pure. The first replacement has no delay, since most deaths are
 * single. If workers die repeatedly soon after their start, the delay doubles, so a crash loop does not use up the CPU.
 */

/** A worker that was ready for this long ends the count of early deaths. */
export const STABLE_MS = 2_000;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 10_000;

/** This many deaths in a row, each before `STABLE_MS`, are a crash loop. */
export const CRASH_LOOP = 3;

/** What follows a death: wait `delayMs`, then fork. `failures` is the new count of early deaths in a row. */
interface Restart {
  readonly delayMs: number;
  readonly failures: number;
}

/** Decides what follows one death. `readyForMs` is how long the worker had been ready, 0 if it never was. */
export function nextRestart(failures: number, readyForMs: number): Restart {
  const before = readyForMs >= STABLE_MS ? 0 : failures;
  const delayMs = before === 0 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (before - 1));
  return { delayMs, failures: before + 1 };
}
