/**
 * Attempts at targets in the last minute, and how many of them failed: also those whose requests another target answered,
 * which no request's own count shows.
 */
import type { AttemptEnded, AttemptOutcome } from '../../shared/events.ts';
import { placeOf, RECENT } from './recent-counts.ts';

/** Most targets. One beyond that is not counted. */
const MOST_TARGETS = 500;

/** What the client, or the limits of this gateway, caused is no failure of a target. */
const noFailures: ReadonlySet<AttemptOutcome> = new Set(['success', 'client_gone', 'client_error', 'gateway_limit']);

/** What is read of an attempt's end. */
type Ended = Pick<AttemptEnded, 'provider' | 'model' | 'outcome' | 'end'>;

/** Of one target. */
interface Attempts {
  readonly provider: string;
  /** The provider's name of the model. */
  readonly upstreamModel: string;
  /** By the place of a step. */
  readonly made: Float64Array;
  readonly failed: Float64Array;
}

/** Of all targets that were asked within the last minute. */
export class RecentAttempts {
  readonly #byProvider = new Map<string, Map<string, Attempts>>();
  /** By provider and outcome, how exactly the newest attempt failed; kept while an open circuit lets none pass. */
  readonly #ends = new Map<string, string>();
  #size = 0;

  /** An attempt has ended. */
  count(step: number, { provider, model, outcome, end }: Ended): void {
    const attempts = this.#byProvider.get(provider)?.get(model) ?? this.#add(provider, model);
    if (attempts === null) return;
    if (end !== undefined) this.#ends.set(`${provider}\n${outcome}`, end);
    const place = placeOf(step);
    attempts.made[place] = (attempts.made[place] ?? 0) + 1;
    if (!noFailures.has(outcome)) attempts.failed[place] = (attempts.failed[place] ?? 0) + 1;
  }

  /** A step begins, in the place of the one that is no longer recent. Who was not asked in any of them is forgotten. */
  begin(step: number): void {
    const place = placeOf(step);
    for (const ofProvider of this.#byProvider.values()) {
      for (const [name, { made, failed }] of ofProvider) {
        made[place] = 0;
        failed[place] = 0;
        if (made.some((count) => count > 0)) continue;
        ofProvider.delete(name);
        this.#size -= 1;
      }
    }
  }

  /** How exactly the newest attempt with that outcome failed, as in `x-headgate-attempts`; null where none is known. */
  lastEnd(provider: string, outcome: AttemptOutcome): string | null {
    return this.#ends.get(`${provider}\n${outcome}`) ?? null;
  }

  /** Sums of the recent steps. */
  all(): {
    readonly provider: string;
    readonly upstreamModel: string;
    readonly made: number;
    readonly failed: number;
  }[] {
    const sum = (counts: Float64Array) => counts.reduce((total, count) => total + count, 0);
    return [...this.#byProvider.values()].flatMap((ofProvider) =>
      Array.from(ofProvider.values(), ({ provider, upstreamModel, made, failed }) => {
        return { provider, upstreamModel, made: sum(made), failed: sum(failed) };
      }),
    );
  }

  #add(provider: string, upstreamModel: string): Attempts | null {
    if (this.#size === MOST_TARGETS) return null;
    const made = { provider, upstreamModel, made: new Float64Array(RECENT), failed: new Float64Array(RECENT) };
    const ofProvider = this.#byProvider.get(provider) ?? new Map<string, Attempts>();
    this.#byProvider.set(provider, ofProvider.set(upstreamModel, made));
    this.#size += 1;
    return made;
  }
}
