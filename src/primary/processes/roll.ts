/**
 * The rolling replacement of all workers: one slot after the other gets a successor, and the old worker drains only
 * when that is ready. The first successor that fails ends the roll, so that a broken release takes one process, not the
 * service.
 */
import type { Replaced } from './slot.ts';

interface RollingSlot {
  readonly index: number;
  /** Rejects when the successor fails. */
  replace(): Promise<Replaced>;
}

/**
 * Replaces the workers of all `slots` in turn, and tells of each what it came to; rejects with the first failure, the
 * slots after it untouched.
 */
export async function roll(
  slots: readonly RollingSlot[],
  tell: (slot: number, outcome: Replaced) => void,
): Promise<void> {
  for (const slot of slots) tell(slot.index, await slot.replace());
}
