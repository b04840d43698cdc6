/**
 * The cooldowns of the host. A target cools down after a 429 or an exhausted quota; all targets of a provider cool down
 * after a refused key. A cooldown ends when its time is over. Of two ends, the later one counts.
 *
 * Each further 429 in a row without Retry-After doubles the target's cooldown. A success ends the row if its attempt
 * was sent after the last cooldown; an attempt that was already under way proves nothing. A 429 that arrives while its
 * target already cools down belongs to the same wave, and doubles nothing.
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

/** The host's cooldowns, by provider and model; model null means all of a provider's targets. */
export class Cooldowns {
  readonly #byProvider = new Map<string, Map<string | null, Cooldown>>();

  /** Adds a cooldown; returns whether the end of the target's cooldown changed. */
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

  /** An attempt succeeded. `model` undefined: the model is unknown, so it counts for all of the provider's targets. */
  succeeded(provider: string, model: string | undefined, sentMs: number): void {
    const cooldowns = this.#byProvider.get(provider);
    if (cooldowns === undefined) return;
    for (const [coolingModel, { untilMs }] of cooldowns) {
      const same = model === undefined || coolingModel === null || coolingModel === model;
      if (same && sentMs >= untilMs) cooldowns.delete(coolingModel);
    }
    if (cooldowns.size === 0) this.#byProvider.delete(provider);
  }

  /** Deletes the cooldowns for which `keep` returns false. */
  retain(keep: (provider: string, model: string | null) => boolean): void {
    for (const [provider, cooldowns] of this.#byProvider) {
      for (const model of cooldowns.keys()) if (!keep(provider, model)) cooldowns.delete(model);
      if (cooldowns.size === 0) this.#byProvider.delete(provider);
    }
  }

  /** The cooldowns that are not over at `nowMs`. */
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
