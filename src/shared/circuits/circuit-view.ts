/**
 * What workers know of circuits and cooldowns: read-only, versioned, made by the primary alone. Times in it are what
 * remains, never a moment, since processes share no clock.
 */
import type { CooldownReason } from '../events.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitStatus {
  readonly provider: string;
  /** `half-open`: due for its probe, or being probed; a worker must hold the lease to use it. */
  readonly state: CircuitState;
  /** Until a probe is due, in ms; 0 unless open. A worker counts it down itself and may then ask for the lease. */
  readonly remainingMs: number;
}

export interface CooldownStatus {
  readonly provider: string;
  /** The provider's name of the model; null: all of the provider's targets (its key cools down). */
  readonly model: string | null;
  readonly remainingMs: number;
  readonly reason: CooldownReason;
}

export interface CircuitView {
  /** Grows with each change; an older view than the known one is ignored. */
  readonly version: number;
  /** Every configured provider, once. */
  readonly circuits: readonly CircuitStatus[];
  readonly cooldowns: readonly CooldownStatus[];
  /** How often each provider was made to begin afresh, by hand or by a new key; 0 where it is not named. */
  readonly resets?: Readonly<Record<string, number>>;
}
