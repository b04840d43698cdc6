/**
 * The rolling replacement of all workers. One slot after the other gets a successor, and the old worker drains only
 * when its successor is ready. The first successor that fails ends the roll, so that a broken release does not stop the
 * service.
 */
import type { Replaced } from './slot.ts';

interface RollingSlot {
  readonly index: number;
  /** Rejects when the successor fails. */
  replace(): Promise<Replaced>;
}

/**
 * Replaces the workers of all `slots` in turn and reports the outcome of each. Rejects with the first failure; the
 * slots after it keep their workers.
 */
export async function roll(
  slots: readonly RollingSlot[],
  report: (slot: number, outcome: Replaced) => void,
): Promise<void> {
  for (const slot of slots) report(slot.index, await slot.replace());
}
