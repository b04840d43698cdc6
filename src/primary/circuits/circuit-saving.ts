/**
 * Circuits and cooldowns between two primaries: what one leaves in the checkpoint, and what the next makes of it. A
 * provider that the next one reaches in another way (type, address, none of its keys) begins anew.
 */
import type { Circuit } from '../../shared/circuits/circuit.ts';
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import { OutcomeWindow } from '../../shared/circuits/trip-rule.ts';
import type { Config } from '../../shared/config.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';
import { remainingOf } from './circuit-report.ts';
import type { Cooldowns } from './cooldowns.ts';
import { accountsOf, keptKeys } from './kept-keys.ts';
import type { ProviderCircuits } from './provider-circuits.ts';

type Providers = ReadonlyMap<string, ProviderCircuits>;

interface Moment {
  readonly nowMs: number;
  readonly wallMs: number;
}

/** What a successor needs. */
export function saveCircuits(
  { providers: configs }: Config,
  providers: Providers,
  cooldowns: Cooldowns,
  { nowMs, wallMs }: Moment,
): SavedCircuits {
  const circuits = Array.from(providers, ([provider, { own, targets }]) => {
    const all: readonly (readonly [string | null, Circuit])[] = [[null, own], ...targets];
    return all.flatMap(([model, circuit]) => {
      if (circuit.state === 'closed') return [];
      const { state, failedProbes, failures } = circuit;
      return [{ provider, model, state, remainingMs: remainingOf(circuit, nowMs), failedProbes, failures }];
    });
  }).flat();
  const upstreams = Object.fromEntries(Object.values(configs).map((config) => [config.name, config.account]));
  const keys = Object.fromEntries(Object.values(configs).map((config) => [config.name, accountsOf(config)]));
  return { wallMs, upstreams, keys, circuits, cooldowns: cooldowns.save(nowMs) };
}

/** Puts into force what a predecessor left. Returns how many circuits and cooldowns continue. */
export function restoreCircuits(
  saved: SavedCircuits,
  { providers: configs }: Config,
  providers: Providers,
  cooldowns: Cooldowns,
  { nowMs, wallMs }: Moment,
): number {
  // A clock that was set back must not make them longer.
  const elapsedMs = Math.max(0, wallMs - saved.wallMs);
  const kept = new Map(
    Object.values(configs).map((config) => [config.name, keptKeys(savedAccounts(saved, config.name), config)]),
  );
  const isKept = ({ provider }: { readonly provider: string }) => (kept.get(provider)?.size ?? 0) > 0;
  const circuits = saved.circuits.filter(isKept).filter(({ provider, model }) => {
    return model === null || providers.get(provider)?.targets.has(model) === true;
  });
  for (const { provider, model, state, remainingMs, failedProbes, failures } of circuits) {
    const known = { failedProbes, failures, window: OutcomeWindow.empty, firstLease: null };
    const leftMs = remainingMs - elapsedMs;
    const circuit: Circuit =
      state === 'open' && leftMs > 0
        ? { state: 'open', untilMs: nowMs + leftMs, ...known }
        : { state: 'half-open', dueLease: null, lease: null, ...known };
    providers.get(provider)?.restore(model, circuit);
  }
  const cooling = saved.cooldowns.flatMap(({ key: before = DEFAULT_KEY, remainingMs, ...cooldown }) => {
    const { provider, model } = cooldown;
    const key = kept.get(provider)?.get(before);
    const isTarget = model === null || providers.get(provider)?.targets.has(model) === true;
    if (key === undefined || !isTarget || remainingMs <= elapsedMs) return [];
    return [{ ...cooldown, key, untilMs: nowMs + remainingMs - elapsedMs }];
  });
  for (const cooldown of cooling) cooldowns.restore(cooldown);
  return circuits.length + cooling.length;
}

/** A version without several keys has written the only one as the provider's own. */
function savedAccounts({ keys, upstreams }: SavedCircuits, provider: string): Readonly<Record<string, string>> {
  const account = upstreams[provider];
  return keys?.[provider] ?? (account === undefined ? {} : { [DEFAULT_KEY]: account });
}
