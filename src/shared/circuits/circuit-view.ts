/**
 * What workers know of circuits and cooldowns: read-only, versioned, made by the primary alone. A worker gets one whole
 * view with its `init`, and from then on only what has changed. Times in it are what remains, never a moment, since
 * processes share no clock.
 */

export type CircuitState = 'closed' | 'open' | 'half-open';

export interface CircuitStatus {
  readonly provider: string;
  /** The provider's name of the model; null: the provider's own circuit, which all of its targets depend on. */
  readonly model: string | null;
  /** `half-open`: due for its probe, or being probed; a worker must hold the lease to use it. */
  readonly state: CircuitState;
  /** Until a probe is due, in ms; 0 unless open. A worker counts it down itself and may then ask for the lease. */
  readonly remainingMs: number;
}

export interface CooldownStatus {
  readonly provider: string;
  /** The provider's name of the model; null: all of the provider's targets (its key cools down). */
  readonly model: string | null;
  /** 0 in a view of changes: it has ended. */
  readonly remainingMs: number;
}

export interface CircuitView {
  /** Grows with each change; an older view than the known one is ignored. */
  readonly version: number;
  /**
   * Null: the view is whole, and what it does not name is closed and does not cool down. Else it names all that has
   * changed since that version.
   */
  readonly since: number | null;
  /** Circuits that are not closed; in a view of changes also those that have closed. */
  readonly circuits: readonly CircuitStatus[];
  readonly cooldowns: readonly CooldownStatus[];
  /** How often each provider began anew, by hand or with a new key; 0 where it is not named. */
  readonly resets?: Readonly<Record<string, number>>;
}

/** One key for a circuit or a cooldown. Names of providers hold no line break, so no two targets share a key. */
export function circuitKey(provider: string, model: string | null): string {
  return model === null ? provider : `${provider}\n${model}`;
}

/** A view of changes and the one that follows it as one view. Of each circuit and cooldown the later state counts. */
export function mergeViews(earlier: CircuitView, later: CircuitView): CircuitView {
  if (later.since === null) return later;
  return {
    ...later,
    since: earlier.since,
    circuits: newestOfEach(earlier.circuits, later.circuits),
    cooldowns: newestOfEach(earlier.cooldowns, later.cooldowns),
  };
}

function newestOfEach<T extends { readonly provider: string; readonly model: string | null }>(
  earlier: readonly T[],
  later: readonly T[],
): readonly T[] {
  const all = [...earlier, ...later];
  return [...new Map(all.map((entry) => [circuitKey(entry.provider, entry.model), entry])).values()];
}
