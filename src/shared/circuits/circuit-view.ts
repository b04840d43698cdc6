/**
 * The workers' view of circuits and cooldowns: read-only, versioned, made only by the primary. Its times are remaining
 * durations, never points in time, since processes have no common clock.
 */
import type { CooldownReason } from '../events.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitStatus {
  readonly provider: string;
  /** `half-open`: its probe is due or under way; a worker needs the lease to send a request. */
  readonly state: CircuitState;
  /** Time until a probe is due, in ms; 0 unless open. A worker measures it itself and may then ask for the lease. */
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
  /** Grows with each change; a worker ignores a view that is older than its own. */
  readonly version: number;
  /** Every configured provider, once. */
  readonly circuits: readonly CircuitStatus[];
  readonly cooldowns: readonly CooldownStatus[];
  /** How often each provider was reset, by hand or by a changed type, address or key; 0 if it is missing. */
  readonly resets?: Readonly<Record<string, number>>;
}
