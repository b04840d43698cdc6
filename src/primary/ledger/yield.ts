/**
 * Splits long work into short stretches. The event loop turns between them, so that circuits, heartbeats and pipes are
 * served while numbers are merged.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

const STRETCH_MS = 8;

/** Awaited after each piece of work. If the present stretch took 8 ms or more, resolves in a later turn. */
export type Yield = () => Promise<void>;

/** Makes a `Yield` whose first stretch begins now. */
export function yielding(clock: Clock): Yield {
  let sinceMs = clock.nowMs();
  return async () => {
    if (clock.nowMs() - sinceMs < STRETCH_MS) return;
    await turn();
    sinceMs = clock.nowMs();
  };
}
