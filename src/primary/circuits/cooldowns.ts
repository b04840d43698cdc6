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
import type { CooldownReason, CooldownStarted } from '../../shared/events.ts';

interface Cooldown {
  readonly untilMs: number;
  /** Cooldowns in a row without a success between them, from 1. */
  readonly streak: number;
  readonly reason: CooldownReason;
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
    cooldowns.set(event.model, { untilMs, streak, reason: event.reason });
    return true;
  }

  /** A target answered well. `model` undefined: it is not known which of the provider's. */
  succeeded(provider: string, model: string | undefined, sentMs: number): void {
    const cooldowns = this.#byProvider.get(provider);
    if (cooldowns === undefined) return;
    for (const [coolingModel, rest] of cooldowns) {
      const same = model === undefined || coolingModel === null || coolingModel === model;
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
    const list: CooldownStatus[] = [];
    for (const [provider, cooldowns] of this.#byProvider) {
      for (const [model, { untilMs, reason }] of cooldowns) {
        if (nowMs < untilMs) list.push({ provider, model, remainingMs: Math.ceil(untilMs - nowMs), reason });
      }
    }
    return list;
  }
}
