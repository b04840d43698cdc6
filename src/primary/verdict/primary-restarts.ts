/** How often the primary was started anew, as `changes()` of its start time in Prometheus says it. Pure. */
import type { PrimaryTime } from './kept-form.ts';

/**
 * Starts within the time since `sinceMs` by which one primary followed another. The first one that was ever seen follows
 * none, nor does one whose predecessor was gone before.
 */
export function restartsSince(primaries: readonly PrimaryTime[], sinceMs: number): number {
  return primaries.filter(({ fromMs }, index) => {
    const before = primaries.slice(0, index);
    return fromMs >= sinceMs && before.some(({ untilMs }) => untilMs >= sinceMs);
  }).length;
}
