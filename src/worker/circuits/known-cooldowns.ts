/**
 * The cooldowns that this worker knows: those of the primary's views, and those that it has caused itself. Its own apply
 * immediately, and are kept in addition to the view until a view has had time to include them.
 */
import { type CircuitView, cooldownKey } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { ProviderKey } from '../../shared/config.ts';
import type { CooldownReason, CooldownStarted } from '../../shared/events.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';

/**
 * A view that arrives this long after a cooldown of this worker began either includes that cooldown or overrules it.
 */
const COOLDOWN_BRIDGE_MS = 1_000;

/** Of each key, its name alone is asked for. */
export type Keys = readonly Pick<ProviderKey, 'name'>[];

/** When a cooldown ends, on the worker's clock, and why it began. */
interface KnownCooldown {
  readonly untilMs: number;
  readonly reason: CooldownReason;
}

interface OwnCooldown extends KnownCooldown {
  readonly sinceMs: number;
}

/** One per worker. Times are those of the worker's clock. */
export class KnownCooldowns {
  readonly #ofViews = new Map<string, KnownCooldown>();
  readonly #own = new Map<string, OwnCooldown>();
  #resets: Readonly<Record<string, number>> = {};

  /** Applies the primary's view, whole or of changes. */
  apply({ since, cooldowns, resets = {} }: CircuitView, nowMs: number): void {
    if (since === null) this.#ofViews.clear();
    for (const { provider, key, model, remainingMs, reason } of cooldowns) {
      this.#ofViews.set(cooldownKey(provider, key, model), { untilMs: nowMs + remainingMs, reason });
    }
    for (const [key, { untilMs }] of this.#ofViews) if (untilMs <= nowMs) this.#ofViews.delete(key);
    const reset = this.#newlyReset(resets);
    for (const [key, cooldown] of this.#own) {
      const isOver = reset.has(providerOf(key)) || nowMs - cooldown.sinceMs >= COOLDOWN_BRIDGE_MS;
      if (isOver) this.#own.delete(key);
    }
  }

  /** One that this worker has caused. Of two ends, the later one holds. */
  start({ provider, key = DEFAULT_KEY, model, ...event }: CooldownStarted, nowMs: number): void {
    const name = cooldownKey(provider, key, model);
    const untilMs = Math.max(nowMs + cooldownLengthMs(event, 1), this.#own.get(name)?.untilMs ?? 0);
    this.#own.set(name, { sinceMs: nowMs, untilMs, reason: event.reason });
  }

  /** Of the keys' cooldowns, the one that ends first; null while one of them has none. It may be over. */
  ofAll(provider: string, model: string, keys: Keys): KnownCooldown | null {
    if (this.#isEmpty) return null;
    let first: KnownCooldown | null = null;
    for (const { name } of keys) {
      const cooldown = this.of(provider, model, name);
      if (cooldown === null) return null;
      if (first === null || cooldown.untilMs < first.untilMs) first = cooldown;
    }
    return first;
  }

  /** The one that ends last of a key's, for this model and for all. It may be over. */
  of(provider: string, model: string, key: string): KnownCooldown | null {
    if (this.#isEmpty) return null;
    const places = [cooldownKey(provider, key, null), cooldownKey(provider, key, model)];
    let last: KnownCooldown | null = null;
    for (const known of [this.#ofViews, this.#own]) {
      for (const place of places) {
        const cooldown = known.get(place);
        if (cooldown !== undefined && cooldown.untilMs > (last?.untilMs ?? Number.NEGATIVE_INFINITY)) last = cooldown;
      }
    }
    return last;
  }

  get #isEmpty(): boolean {
    return this.#ofViews.size === 0 && this.#own.size === 0;
  }

  /** The providers that this view resets. */
  #newlyReset(resets: Readonly<Record<string, number>>): ReadonlySet<string> {
    const known = this.#resets;
    this.#resets = resets;
    return new Set(Object.keys(resets).filter((provider) => resets[provider] !== known[provider]));
  }
}

function providerOf(key: string): string {
  return key.split('\n', 1)[0] ?? key;
}
