/**
 * Keys and targets that cool down, as people and gauges see them. A target does once all keys of its provider do: for its
 * model, or for all. Pure.
 */
import type { CooldownStatus } from '../../shared/circuits/circuit-view.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import type { CooldownReason } from '../../shared/events.ts';

/** One of a provider's keys. */
export interface KeyReport {
  readonly provider: string;
  /** The key's name. */
  readonly key: string;
  readonly weight: number;
  /** What it cools down for; empty while it is used for everything. */
  readonly cooldowns: readonly CooldownStatus[];
}

/** A target that cools down. */
export interface RestReport {
  readonly provider: string;
  /** The provider's name of the model; null: all of the provider's targets. */
  readonly model: string | null;
  /** Until its first key can be used again. */
  readonly remainingMs: number;
  /** Why that key cannot be used now. */
  readonly reason: CooldownReason;
}

/** Every key, in the order of the configuration. */
export function reportKeys({ providers }: Config, cooldowns: readonly CooldownStatus[]): KeyReport[] {
  return Object.values(providers).flatMap(({ name: provider, keys }) =>
    keys.map(({ name: key, weight }) => ({
      provider,
      key,
      weight,
      cooldowns: cooldowns.filter((known) => known.provider === provider && known.key === key),
    })),
  );
}

/** The targets that cool down, and the providers of which all targets do because of their keys alone. */
export function reportRests({ providers }: Config, cooldowns: readonly CooldownStatus[]): RestReport[] {
  return Object.values(providers).flatMap((provider) => {
    const own = cooldowns.filter((known) => known.provider === provider.name);
    const models = new Set(own.map(({ model }) => model));
    return [...models].flatMap((model) => restOf(provider, model, own) ?? []);
  });
}

function restOf(
  { name: provider, keys }: ProviderConfig,
  model: string | null,
  cooldowns: readonly CooldownStatus[],
): RestReport | null {
  let first: CooldownStatus | null = null;
  for (const { name } of keys) {
    const last = lastOf(cooldowns.filter((known) => known.key === name && (known.model ?? model) === model));
    if (last === null) return null;
    if (first === null || last.remainingMs < first.remainingMs) first = last;
  }
  return first === null ? null : { provider, model, remainingMs: first.remainingMs, reason: first.reason };
}

function lastOf(cooldowns: readonly CooldownStatus[]): CooldownStatus | null {
  return cooldowns.reduce<CooldownStatus | null>((last, known) => {
    return last === null || known.remainingMs > last.remainingMs ? known : last;
  }, null);
}
