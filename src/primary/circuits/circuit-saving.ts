/**
 * Circuits and cooldowns between two primaries: what one leaves in the checkpoint, and what the next makes of it. A
 * provider that the next one reaches in another way (type, address, key) begins anew.
 */
import type { Circuit } from '../../shared/circuits/circuit.ts';
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import { OutcomeWindow } from '../../shared/circuits/trip-rule.ts';
import type { Config } from '../../shared/config.ts';
import { remainingOf } from './circuit-report.ts';
import type { Cooldowns } from './cooldowns.ts';
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
  return { wallMs, upstreams, circuits, cooldowns: cooldowns.save(nowMs) };
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
  const isKept = ({ provider }: { readonly provider: string }) => {
    const config = configs[provider];
    return config !== undefined && saved.upstreams[provider] === config.account;
  };
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
  const cooling = saved.cooldowns.filter(isKept).filter(({ provider, model, remainingMs }) => {
    const isTarget = model === null || providers.get(provider)?.targets.has(model) === true;
    return isTarget && remainingMs > elapsedMs;
  });
  for (const cooldown of cooling) cooldowns.restore(cooldown, nowMs + cooldown.remainingMs - elapsedMs);
  return circuits.length + cooling.length;
}
