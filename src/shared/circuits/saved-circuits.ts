/**
 * Circuits and cooldowns in the checkpoint, from which the next primary continues. Times are what remained when it was
 * written, together with the wall clock of that moment. Versions without this field ignore it, so it is optional.
 */
import { type CooldownReason, cooldownReasons } from '../events.ts';
import { asRecord } from '../json.ts';

interface SavedCircuit {
  readonly provider: string;
  /** Null: the provider's own. */
  readonly model: string | null;
  readonly state: 'open' | 'half-open';
  /** Until a probe is due, in ms; 0 when half-open. */
  readonly remainingMs: number;
  readonly failedProbes: number;
  readonly failures: number;
}

interface SavedCooldown {
  readonly provider: string;
  /** The key's name; without it, the provider's only one. */
  readonly key?: string;
  /** Null: all of the provider's targets. */
  readonly model: string | null;
  readonly remainingMs: number;
  readonly reason: CooldownReason;
  /** Cooldowns in a row without a success between them, from 1. */
  readonly streak: number;
}

export interface SavedCircuits {
  /** Unix milliseconds of writing. */
  readonly wallMs: number;
  /** The `account` of each provider: the state of one that is reached differently now is void. */
  readonly upstreams: Readonly<Record<string, string>>;
  /** The `account` of each key, by provider and name; without it, the one of `upstreams` is that of the only key. */
  readonly keys?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Those that are not closed. */
  readonly circuits: readonly SavedCircuit[];
  readonly cooldowns: readonly SavedCooldown[];
}

/** Whether a value of the checkpoint, whichever version wrote it, can be used. */
export function isSavedCircuits(value: unknown): value is SavedCircuits {
  const { wallMs, upstreams, keys, circuits, cooldowns } = asRecord(value) ?? {};
  return (
    isAmount(wallMs) &&
    asRecord(upstreams) !== null &&
    (keys === undefined || Object.values(asRecord(keys) ?? { none: null }).every((each) => asRecord(each) !== null)) &&
    Array.isArray(circuits) &&
    circuits.every(isSavedCircuit) &&
    Array.isArray(cooldowns) &&
    cooldowns.every(isSavedCooldown)
  );
}

function isSavedCircuit(value: unknown): boolean {
  const { state, failedProbes, failures } = asRecord(value) ?? {};
  return (state === 'open' || state === 'half-open') && isPlace(value) && isAmount(failedProbes) && isAmount(failures);
}

function isSavedCooldown(value: unknown): boolean {
  const { key, streak, reason } = asRecord(value) ?? {};
  const isNamed = key === undefined || typeof key === 'string';
  return isPlace(value) && isNamed && isAmount(streak) && cooldownReasons.some((known) => known === reason);
}

function isPlace(value: unknown): boolean {
  const { provider, model, remainingMs } = asRecord(value) ?? {};
  return typeof provider === 'string' && (model === null || typeof model === 'string') && isAmount(remainingMs);
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
