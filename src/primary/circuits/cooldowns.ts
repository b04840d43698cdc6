/**
 * The cooldowns of the host's keys. A key cools down for a model after a 429 or an exhausted quota, and for all of its
 * provider's targets after it was refused. A cooldown ends when its time is over. Of two ends, the later one counts.
 *
 * Each further 429 in a row without Retry-After doubles the cooldown. A success ends the row if its attempt was sent after
 * the last cooldown; an attempt that was already under way proves nothing. A 429 that arrives while its key already cools
 * down for that model belongs to the same wave, and doubles nothing.
 */
import { type CooldownStatus, cooldownKey } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { CooldownReason, CooldownStarted } from '../../shared/events.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';

/** What cools down: a provider's key, for one model or for all (null). */
interface CooldownPlace {
  readonly provider: string;
  /** Its name. */
  readonly key: string;
  readonly model: string | null;
}

interface Cooldown extends CooldownPlace {
  readonly untilMs: number;
  /** Cooldowns in a row without a success between them, from 1. */
  readonly streak: number;
  readonly reason: CooldownReason;
}

/** The host's cooldowns. */
export class Cooldowns {
  readonly #known = new Map<string, Cooldown>();

  /** Adds a cooldown; returns whether its end changed. */
  add({ provider, key = DEFAULT_KEY, model, ...event }: CooldownStarted, nowMs: number): boolean {
    const known = this.#at(provider, key, model);
    const sameWave = known !== undefined && nowMs < known.untilMs;
    const streak = known === undefined ? 1 : known.streak + (sameWave ? 0 : 1);
    const untilMs = nowMs + cooldownLengthMs(event, streak);
    if (sameWave && untilMs <= known.untilMs) return false;
    this.#put({ provider, key, model, untilMs, streak, reason: event.reason });
    return true;
  }

  /** An attempt with this key succeeded. */
  succeeded(provider: string, key: string, model: string, sentMs: number): void {
    if (this.#known.size === 0) return;
    for (const place of [null, model]) {
      const known = this.#at(provider, key, place);
      if (known !== undefined && sentMs >= known.untilMs) this.#known.delete(cooldownKey(provider, key, place));
    }
  }

  /** Deletes the cooldowns for which `keep` returns false. */
  retain(keep: (place: CooldownPlace) => boolean): void {
    for (const [name, cooldown] of this.#known) if (!keep(cooldown)) this.#known.delete(name);
  }

  /** A provider's keys have got other names: deletes the cooldowns of those that `names` does not have. */
  rename(provider: string, names: ReadonlyMap<string, string>): void {
    const all = [...this.#known.values()];
    this.retain((place) => place.provider !== provider);
    for (const cooldown of all) {
      const key = names.get(cooldown.key);
      if (cooldown.provider === provider && key !== undefined) this.#put({ ...cooldown, key });
    }
  }

  /** The cooldowns that are not over at `nowMs`. */
  list(nowMs: number): readonly CooldownStatus[] {
    return this.save(nowMs).map(({ streak: _, ...status }) => status);
  }

  /** One of them as of `nowMs`; null if there was none. One that is over has no time left. */
  status({ provider, key, model }: CooldownPlace, nowMs: number): CooldownStatus | null {
    const known = this.#at(provider, key, model);
    if (known === undefined) return null;
    const remainingMs = Math.max(0, Math.ceil(known.untilMs - nowMs));
    return { provider, key, model, remainingMs, reason: known.reason };
  }

  /** The cooldowns that are not over at `nowMs`, with what a successor needs to continue them. */
  save(nowMs: number): readonly (CooldownStatus & { readonly streak: number })[] {
    return Array.from(this.#known.values(), ({ untilMs, ...cooldown }) => {
      return { ...cooldown, remainingMs: Math.ceil(untilMs - nowMs) };
    }).filter(({ remainingMs }) => remainingMs > 0);
  }

  /** Takes over a former primary's cooldown. */
  restore(cooldown: Cooldown): void {
    this.#put(cooldown);
  }

  #at(provider: string, key: string, model: string | null): Cooldown | undefined {
    return this.#known.get(cooldownKey(provider, key, model));
  }

  #put(cooldown: Cooldown): void {
    this.#known.set(cooldownKey(cooldown.provider, cooldown.key, cooldown.model), cooldown);
  }
}
