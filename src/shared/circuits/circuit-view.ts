/**
 * The workers' view of circuits and cooldowns: read-only, versioned, made only by the primary. A worker gets one whole
 * view with its `init`, and from then on only changes. Its times are remaining durations, never points in time, since
 * processes have no common clock.
 */
import type { CooldownReason } from '../events.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitStatus {
  readonly provider: string;
  /** The provider's name of the model; null: the provider's own circuit, which all of its targets depend on. */
  readonly model: string | null;
  /** `half-open`: its probe is due or under way; a worker needs the lease to send a request. */
  readonly state: CircuitState;
  /** Time until a probe is due, in ms; 0 unless open. A worker measures it itself and may then ask for the lease. */
  readonly remainingMs: number;
}

/** A key that cools down. A target is left out while all keys of its provider do, for its model or for all. */
export interface CooldownStatus {
  readonly provider: string;
  /** The key's name. */
  readonly key: string;
  /** The provider's name of the model; null: all of them. */
  readonly model: string | null;
  readonly remainingMs: number;
  readonly reason: CooldownReason;
}

export interface CircuitView {
  /** Grows with each change; a worker ignores a view that is older than its own. */
  readonly version: number;
  /**
   * Null: the view is whole, and what it does not name is closed and does not cool down. Else it names all that has
   * changed since that version.
   */
  readonly since: number | null;
  /** Circuits that are not closed; in a view of changes also those that have closed. */
  readonly circuits: readonly CircuitStatus[];
  readonly cooldowns: readonly CooldownStatus[];
  /** How often each provider was reset, by hand or by a changed type, address or key; 0 if it is missing. */
  readonly resets?: Readonly<Record<string, number>>;
}

/** One text for a circuit. Provider names contain no line break, so no two targets share one. */
export function circuitKey(provider: string, model: string | null): string {
  return model === null ? provider : `${provider}\n${model}`;
}

/** One text for a cooldown: of a provider's key, for one model or for all. */
export function cooldownKey(provider: string, key: string, model: string | null): string {
  return circuitKey(`${provider}\n${key}`, model);
}

/** A view of changes and the one that follows it as one view. Of each circuit and cooldown the later state counts. */
export function mergeViews(earlier: CircuitView, later: CircuitView): CircuitView {
  if (later.since === null) return later;
  return {
    ...later,
    since: earlier.since,
    circuits: newestOfEach(earlier.circuits, later.circuits, ({ provider, model }) => circuitKey(provider, model)),
    cooldowns: newestOfEach(earlier.cooldowns, later.cooldowns, ({ provider, key, model }) => {
      return cooldownKey(provider, key, model);
    }),
  };
}

function newestOfEach<T>(earlier: readonly T[], later: readonly T[], nameOf: (entry: T) => string): readonly T[] {
  return [...new Map([...earlier, ...later].map((entry) => [nameOf(entry), entry])).values()];
}
