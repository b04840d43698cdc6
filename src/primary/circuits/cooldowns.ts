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
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
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

  /** An attempt succeeded, and so did the provider's key. */
  succeeded(provider: string, model: string, sentMs: number): void {
    const cooldowns = this.#byProvider.get(provider);
    if (cooldowns === undefined) return;
    for (const [coolingModel, { untilMs }] of cooldowns) {
      const same = coolingModel === null || coolingModel === model;
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
    return this.save(nowMs).map(({ streak: _, ...status }) => status);
  }

  /** One of them as of `nowMs`; null if there was none. One that is over has no time left. */
  status(provider: string, model: string | null, nowMs: number): CooldownStatus | null {
    const known = this.#byProvider.get(provider)?.get(model);
    if (known === undefined) return null;
    return { provider, model, remainingMs: Math.max(0, Math.ceil(known.untilMs - nowMs)), reason: known.reason };
  }

  /** The cooldowns that are not over at `nowMs`, with what a successor needs to continue them. */
  save(nowMs: number): SavedCircuits['cooldowns'] {
    return Array.from(this.#byProvider, ([provider, cooldowns]) =>
      Array.from(cooldowns, ([model, { untilMs, streak, reason }]) => {
        return { provider, model, remainingMs: Math.ceil(untilMs - nowMs), reason, streak };
      }),
    )
      .flat()
      .filter(({ remainingMs }) => remainingMs > 0);
  }

  /** Takes over a former primary's cooldown, which ends at `untilMs`. */
  restore({ provider, model, reason, streak }: SavedCircuits['cooldowns'][number], untilMs: number): void {
    const cooldowns = this.#byProvider.get(provider) ?? new Map<string | null, Cooldown>();
    this.#byProvider.set(provider, cooldowns);
    cooldowns.set(model, { untilMs, streak, reason });
  }
}
