/**
 * Long work in short stretches: between two of them the event loop turns, so that circuits, heartbeats and pipes are served
 * while numbers are merged.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

const STRETCH_MS = 8;

/** Asked for after each piece of work; resolves in a later turn when the stretch so far was long enough. */
export type Yield = () => Promise<void>;

/** A yieldTurn whose first stretch begins now. */
export function yielding(clock: Clock): Yield {
  let sinceMs = clock.nowMs();
  return async () => {
    if (clock.nowMs() - sinceMs < STRETCH_MS) return;
    await turn();
    sinceMs = clock.nowMs();
  };
}
