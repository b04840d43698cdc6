/**
 * Whether a worker is still alive, counted in the primary's own ticks. Pure. A tick that comes late counts once, so
 * that a host that was suspended, or a primary that was stopped, kills nobody for its own sleep.
 */

/** Length of a tick in ms. */
export const TICK_MS = 1_000;

/** A worker that is not ready after so many ticks is given up. */
const STARTING_TICKS = 10;

/** A worker that said nothing for so many ticks gets no say in a circuit's probe. */
const QUIET_TICKS = 3;

export interface Pulse {
  readonly starting: boolean;
  /** Ticks since the fork. */
  readonly age: number;
  /** Ticks since the worker's last message. */
  readonly silent: number;
}

/** `quiet` is said once, at the tick where it begins. */
type Judgement = 'alive' | 'quiet' | 'hung' | 'never-ready';

/** Judges a pulse at a tick. `limitMs`: silence after which a worker counts as hung. */
export function judgePulse(pulse: Pulse, limitMs: number): Judgement {
  if (pulse.starting) return pulse.age >= STARTING_TICKS ? 'never-ready' : 'alive';
  if (pulse.silent >= Math.max(1, Math.ceil(limitMs / TICK_MS))) return 'hung';
  return pulse.silent === QUIET_TICKS ? 'quiet' : 'alive';
}
