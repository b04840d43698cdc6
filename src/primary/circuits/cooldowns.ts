/**
 * Targets that the whole host leaves alone for a while: those that answered 429, ran out of quota or, all of a
 * provider's at once, refused the key. Ends by itself when its time is over; a later end wins over an earlier one.
 *
 * A 429 without Retry-After doubles the target's rest each time it comes back in a row. "In a row" ends with a success
 * of an attempt that was sent after the last rest: what was under way before proves nothing. A 429 that arrives while
 * its target cools down already is of the same wave, and doubles nothing.
 */
import type { CooldownStatus } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import type { CooldownStarted } from '../../shared/events.ts';

interface Cooldown {
  readonly untilMs: number;
  /** Cooldowns in a row without a success between them, from 1. */
  readonly streak: number;
}

/** The host's cooldowns, by provider and model; model null stands for all of a provider's targets. */
export class Cooldowns {
  readonly #byProvider = new Map<string, Map<string | null, Cooldown>>();

  /** Takes in a rest; whether that changed when its target comes back. */
  add(event: CooldownStarted, nowMs: number): boolean {
    const cooldowns = this.#byProvider.get(event.provider) ?? new Map<string | null, Cooldown>();
    this.#byProvider.set(event.provider, cooldowns);
    const known = cooldowns.get(event.model);
    const sameWave = known !== undefined && nowMs < known.untilMs;
    const streak = known === undefined ? 1 : known.streak + (sameWave ? 0 : 1);
    const untilMs = nowMs + cooldownLengthMs(event, streak);
    if (sameWave && untilMs <= known.untilMs) return false;
    cooldowns.set(event.model, { untilMs, streak });
    return true;
  }

  /** A target answered with success, and so with a key that is not refused. */
  succeeded(provider: string, model: string, sentMs: number): void {
    const cooldowns = this.#byProvider.get(provider);
    if (cooldowns === undefined) return;
    for (const [coolingModel, rest] of cooldowns) {
      const same = coolingModel === null || coolingModel === model;
      if (same && sentMs >= rest.untilMs) cooldowns.delete(coolingModel);
    }
    if (cooldowns.size === 0) this.#byProvider.delete(provider);
  }

  /** Forgets the cooldowns that `keep` has no place for. */
  retain(keep: (provider: string, model: string | null) => boolean): void {
    for (const [provider, cooldowns] of this.#byProvider) {
      for (const model of cooldowns.keys()) if (!keep(provider, model)) cooldowns.delete(model);
      if (cooldowns.size === 0) this.#byProvider.delete(provider);
    }
  }

  /** Those that are not over at `nowMs`. */
  list(nowMs: number): readonly CooldownStatus[] {
    return this.save(nowMs).map(({ provider, model, remainingMs }) => ({ provider, model, remainingMs }));
  }

  /** The time that is left to one of them, in whole ms; 0 if it is over or not known. */
  remainingMs(provider: string, model: string | null, nowMs: number): number {
    const untilMs = this.#byProvider.get(provider)?.get(model)?.untilMs ?? nowMs;
    return Math.max(0, Math.ceil(untilMs - nowMs));
  }

  /** The same list with what a successor needs to continue. */
  save(nowMs: number): SavedCircuits['cooldowns'] {
    return Array.from(this.#byProvider, ([provider, cooldowns]) =>
      Array.from(cooldowns, ([model, { untilMs, streak }]) => {
        return { provider, model, remainingMs: Math.ceil(untilMs - nowMs), streak };
      }),
    )
      .flat()
      .filter(({ remainingMs }) => remainingMs > 0);
  }

  /** Takes over one of a former primary's. */
  restore(provider: string, model: string | null, untilMs: number, streak: number): void {
    const cooldowns = this.#byProvider.get(provider) ?? new Map<string | null, Cooldown>();
    this.#byProvider.set(provider, cooldowns);
    cooldowns.set(model, { untilMs, streak });
  }
}
