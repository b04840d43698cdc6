/**
 * The rolling replacement of all workers: one slot after the other gets a successor, and the old worker drains only
 * when that is ready. The first successor that fails ends the roll, so that a broken release takes one process, not the
 * service.
 */

export interface RollingSlot {
  readonly index: number;
  /** Rejects when the successor fails. */
  replace(): Promise<void>;
}

/** Replaces the workers of all `slots` in turn; rejects with the first failure, the slots after it untouched. */
export async function roll(slots: readonly RollingSlot[], replaced: (slot: number) => void): Promise<void> {
  for (const slot of slots) {
    await slot.replace();
    replaced(slot.index);
  }
}
