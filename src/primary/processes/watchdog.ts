/**
 * Whether a worker is still alive, measured in ticks of the primary. Pure. A late tick counts once, so that no worker
 * is killed because the host was suspended or the primary was stopped.
 */

/** Length of a tick in ms. */
export const TICK_MS = 1_000;

/** A worker has so many ticks to get ready, whatever it does; twice and four times as many after boots that failed. */
export const STARTING_TICKS = 10;
const MOST_DOUBLINGS = 2;

/** A worker that used less CPU time in the last `STARTING_TICKS` hangs in its boot. */
const WORKING_MS = 20;

/** A boot takes about half a second of CPU time. A worker that has used so much is in an endless loop. */
const MOST_BOOT_CPU_MS = 10_000;

/** A worker that sent nothing for this many ticks loses its leases. */
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

/** `quiet` is returned once per silence, at its third tick. */
type Judgement = 'alive' | 'quiet' | 'hung' | 'never-ready';

/** Judges a pulse at a tick. A worker that was silent for `limitMs` counts as hung. */
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
