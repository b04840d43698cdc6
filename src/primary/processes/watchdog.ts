/**
 * Whether a worker is still alive, counted in the primary's own ticks. Pure. A tick that comes late counts once, so
 * that a host that was suspended, or a primary that was stopped, kills nobody for its own sleep.
 */

/** Length of a tick in ms. */
export const TICK_MS = 1_000;

/** A worker may boot for so many ticks whatever it does; twice and four times as long after boots that failed. */
export const STARTING_TICKS = 10;
const MOST_DOUBLINGS = 2;

/** A worker that has used so little CPU time in the last `STARTING_TICKS` does not boot: it hangs. */
const WORKING_MS = 20;

/** A boot takes about half a second of CPU time. A worker that has used so much turns in circles. */
const MOST_BOOT_CPU_MS = 10_000;

/** A worker that said nothing for so many ticks gets no say in a circuit's probe. */
const QUIET_TICKS = 3;

export interface Pulse {
  readonly starting: boolean;
  /** Ticks since the fork. */
  readonly age: number;
  /** Ticks since the worker's last message. */
  readonly silent: number;
  /** CPU time in ms since the fork; null once it is ready, and where the system does not tell. */
  readonly cpuMs: number | null;
  /** The part of it in the last `STARTING_TICKS`. */
  readonly recentCpuMs: number | null;
  /** Deaths of the slot's workers in a row, each but the first of one that was not stable. */
  readonly failures: number;
}

/** `quiet` is said once, at the tick where it begins. */
type Judgement = 'alive' | 'quiet' | 'hung' | 'never-ready';

/** Judges a pulse at a tick. `limitMs`: silence after which a worker counts as hung. */
export function judgePulse(pulse: Pulse, limitMs: number): Judgement {
  if (pulse.starting) return isBooting(pulse) ? 'alive' : 'never-ready';
  if (pulse.silent >= Math.max(1, Math.ceil(limitMs / TICK_MS))) return 'hung';
  return pulse.silent === QUIET_TICKS ? 'quiet' : 'alive';
}

/** By CPU time, since a boot takes as long as the host is short of it: with a tenth of a CPU, minutes. */
function isBooting({ age, cpuMs, recentCpuMs, failures }: Pulse): boolean {
  if (age < STARTING_TICKS * 2 ** Math.min(Math.max(0, failures - 1), MOST_DOUBLINGS)) return true;
  if (cpuMs === null || recentCpuMs === null) return false;
  return recentCpuMs >= WORKING_MS && cpuMs < MOST_BOOT_CPU_MS;
}
