/**
 * Whether a worker is still alive, measured in ticks of the primary. Pure. A late tick counts once, so that no worker
 * is killed because the host was suspended or the primary was stopped.
 */

/** Length of a tick in ms. */
export const TICK_MS = 1_000;

/** A worker that is not ready after this many ticks is killed. */
const STARTING_TICKS = 10;

/** A worker that sent nothing for this many ticks loses its leases. */
const QUIET_TICKS = 3;

export interface Pulse {
  readonly starting: boolean;
  /** Ticks since the fork. */
  readonly age: number;
  /** Ticks since the worker's last message. */
  readonly silent: number;
}

/** `quiet` is returned once per silence, at its third tick. */
type Judgement = 'alive' | 'quiet' | 'hung' | 'never-ready';

/** Judges a pulse at a tick. A worker that was silent for `limitMs` counts as hung. */
export function judgePulse(pulse: Pulse, limitMs: number): Judgement {
  if (pulse.starting) return pulse.age >= STARTING_TICKS ? 'never-ready' : 'alive';
  if (pulse.silent >= Math.max(1, Math.ceil(limitMs / TICK_MS))) return 'hung';
  return pulse.silent === QUIET_TICKS ? 'quiet' : 'alive';
}
