/**
 * Targets that the whole host leaves alone for a while: those that answered 429, ran out of quota or, all of a
 * provider's at once, refused the key. Ends by itself when its time is over; a later end wins over an earlier one.
 *
 * A 429 without Retry-After doubles the target's rest each time it comes back in a row. "In a row" ends with a success
 * of an attempt that was sent after the last rest: what was under way before proves nothing. A 429 that arrives while
 * its target rests already is of the same wave, and doubles nothing.
 */
import type { RestStatus } from '../../shared/circuits/circuit-view.ts';
import { restLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { TargetRested } from '../../shared/events.ts';

interface Rest {
  readonly untilMs: number;
  /** Rests in a row without a success between them, from 1. */
  readonly streak: number;
}

/** The host's rests, by provider and model; model null stands for all of a provider's targets. */
export class Rests {
  readonly #byProvider = new Map<string, Map<string | null, Rest>>();

  /** Takes in a rest; whether that changed when its target comes back. */
  add(event: TargetRested, nowMs: number): boolean {
    const rests = this.#byProvider.get(event.provider) ?? new Map<string | null, Rest>();
    this.#byProvider.set(event.provider, rests);
    const known = rests.get(event.model);
    const sameWave = known !== undefined && nowMs < known.untilMs;
    const streak = known === undefined ? 1 : known.streak + (sameWave ? 0 : 1);
    const untilMs = nowMs + restLengthMs(event, streak);
    if (sameWave && untilMs <= known.untilMs) return false;
    rests.set(event.model, { untilMs, streak });
    return true;
  }

  /** A target answered well. `model` undefined: it is not known which of the provider's. */
  succeeded(provider: string, model: string | undefined, sentMs: number): void {
    const rests = this.#byProvider.get(provider);
    if (rests === undefined) return;
    for (const [restingModel, rest] of rests) {
      const same = model === undefined || restingModel === null || restingModel === model;
      if (same && sentMs >= rest.untilMs) rests.delete(restingModel);
    }
    if (rests.size === 0) this.#byProvider.delete(provider);
  }

  /** Forgets the rests that `keep` has no place for. */
  retain(keep: (provider: string, model: string | null) => boolean): void {
    for (const [provider, rests] of this.#byProvider) {
      for (const model of rests.keys()) if (!keep(provider, model)) rests.delete(model);
      if (rests.size === 0) this.#byProvider.delete(provider);
    }
  }

  /** Those that are not over at `nowMs`. */
  list(nowMs: number): readonly RestStatus[] {
    const list: RestStatus[] = [];
    for (const [provider, rests] of this.#byProvider) {
      for (const [model, { untilMs }] of rests) {
        if (nowMs < untilMs) list.push({ provider, model, remainingMs: Math.ceil(untilMs - nowMs) });
      }
    }
    return list;
  }
}
