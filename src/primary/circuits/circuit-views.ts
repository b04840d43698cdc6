/**
 * Views for workers: a whole one for each that is forked, and from then on what has changed, at the end of the turn, but
 * at most once per 5 ms. Channels keep their order, so a worker that got the whole view and every change since knows
 * all. Resets and new configurations are rare and are sent as a whole view.
 */
import {
  type CircuitStatus,
  type CircuitView,
  type CooldownStatus,
  circuitKey,
  cooldownKey,
} from '../../shared/circuits/circuit-view.ts';
import type { Clock } from '../../shared/clock.ts';
import { remainingOf } from './circuit-report.ts';
import type { Cooldowns } from './cooldowns.ts';
import { Paced } from './paced.ts';
import type { ProviderCircuits } from './provider-circuits.ts';

/** What has a circuit of its own; `model` null: a provider. */
interface Place {
  readonly provider: string;
  readonly model: string | null;
}

/** What has a cooldown of its own: one of the provider's keys, for one model or for all. */
interface KeyPlace extends Place {
  readonly key: string;
}

interface CircuitViewsOptions {
  readonly clock: Clock;
  readonly providers: ReadonlyMap<string, ProviderCircuits>;
  readonly cooldowns: Cooldowns;
  readonly broadcast: (view: CircuitView) => void;
}

const SPACING_MS = 5;

export class CircuitViews {
  readonly #options: CircuitViewsOptions;
  readonly #sending: Paced;
  readonly #resets = new Map<string, number>();
  /** What has changed since the last view, by key. */
  readonly #circuits = new Map<string, Place>();
  readonly #cooldowns = new Map<string, KeyPlace>();
  #whole = false;
  #version = 1;
  #sentVersion = 1;

  constructor(options: CircuitViewsOptions) {
    this.#options = options;
    this.#sending = new Paced(options.clock, SPACING_MS, () => this.#send());
  }

  /** All that a worker must know now. */
  whole(): CircuitView {
    const places = Array.from(this.#options.providers, ([provider, { own, targets }]) => {
      const all = [[null, own] as const, ...targets];
      return all.filter(([, { state }]) => state !== 'closed').map(([model]) => ({ provider, model }));
    }).flat();
    const { clock, cooldowns } = this.#options;
    return this.#view(null, places, cooldowns.list(clock.nowMs()));
  }

  circuitChanged(place: Place): void {
    this.#circuits.set(circuitKey(place.provider, place.model), place);
    this.#change();
  }

  cooldownChanged(place: KeyPlace): void {
    this.#cooldowns.set(cooldownKey(place.provider, place.key, place.model), place);
    this.#change();
  }

  /** More has changed than is worth naming. */
  allChanged(): void {
    this.#whole = true;
    this.#change();
  }

  /** A provider begins anew. Workers keep cooldowns of their own making, which only this ends. */
  reset(provider: string): void {
    this.#resets.set(provider, (this.#resets.get(provider) ?? 0) + 1);
    this.allChanged();
  }

  #change(): void {
    this.#version += 1;
    this.#sending.request();
  }

  #send(): void {
    const view = this.#whole ? this.whole() : this.#changes();
    this.#whole = false;
    this.#circuits.clear();
    this.#cooldowns.clear();
    this.#sentVersion = this.#version;
    this.#options.broadcast(view);
  }

  #changes(): CircuitView {
    const { clock, cooldowns } = this.#options;
    const nowMs = clock.nowMs();
    const changed = [...this.#cooldowns.values()].flatMap((place) => cooldowns.status(place, nowMs) ?? []);
    return this.#view(this.#sentVersion, [...this.#circuits.values()], changed);
  }

  #view(since: number | null, places: readonly Place[], cooldowns: readonly CooldownStatus[]): CircuitView {
    const circuits = places.map((place) => this.#statusOf(place));
    return { version: this.#version, since, circuits, cooldowns, resets: Object.fromEntries(this.#resets) };
  }

  /** A circuit that is no longer configured counts as closed. */
  #statusOf({ provider, model }: Place): CircuitStatus {
    const circuits = this.#options.providers.get(provider);
    const circuit = model === null ? circuits?.own : circuits?.targets.get(model);
    if (circuit === undefined) return { provider, model, state: 'closed', remainingMs: 0 };
    return { provider, model, state: circuit.state, remainingMs: remainingOf(circuit, this.#options.clock.nowMs()) };
  }
}
