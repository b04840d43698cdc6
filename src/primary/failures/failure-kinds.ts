/**
 * Which kinds of failures each model had at each provider lately, and how many of each: by them the verdict says why. Counted
 * are those that a provider or the gateway is to blame for, but for those that only found circuits open, which is not what
 * opened them. Like the list, it is a sample: in a flood, workers withhold some of every kind.
 */
import type { ErrorCode } from '../../shared/errors.ts';
import { type Failure, lastAttempt } from './failure.ts';

const STEP_MS = 10_000;
const MINUTE_STEPS = 6;
const TEN_MINUTES_STEPS = 60;

/** Most kinds. One beyond that takes the place of the one that came last the longest ago. */
const MOST_KINDS = 200;

/** Failures of a model at a provider with the same code and the same end of the last attempt. */
export interface FailureKind extends Pick<Failure, 'model' | 'provider' | 'upstreamModel' | 'code' | 'cause'> {
  /** How the last attempt ended: a status or a word, as in `x-headgate-attempts`; null where none was made. */
  readonly end: string | null;
  /** How long the last attempt of the newest one took, where that is known. */
  readonly tookMs: number | null;
  /** When the newest one ended, in ms since 1970. */
  readonly atMs: number;
  readonly lastMinute: number;
  readonly lastTenMinutes: number;
}

interface Counted {
  newest: Omit<FailureKind, 'lastMinute' | 'lastTenMinutes'>;
  /** Failures by step. */
  readonly steps: Map<number, number>;
}

/** One per book. */
export class FailureKinds {
  readonly #kinds = new Map<string, Counted>();

  add({ at, owner, model, provider, upstreamModel, code, cause, trail }: Failure): void {
    if (code === CIRCUIT_OPEN || owner === 'client' || owner === 'policy') return;
    const { end, tookMs } = lastAttempt(trail);
    const atMs = Date.parse(at);
    const key = [model, provider, upstreamModel, code, cause, end].join('\n');
    const made = { model, provider, upstreamModel, code, cause, end, tookMs, atMs };
    const known = this.#kinds.get(key) ?? { newest: made, steps: new Map<number, number>() };
    if (atMs >= known.newest.atMs) known.newest = made;
    const step = Math.floor(atMs / STEP_MS);
    known.steps.set(step, (known.steps.get(step) ?? 0) + 1);
    for (const old of known.steps.keys()) {
      if (old < Math.floor(known.newest.atMs / STEP_MS) - TEN_MINUTES_STEPS) known.steps.delete(old);
    }
    this.#kinds.delete(key);
    this.#kinds.set(key, known);
    const [oldest] = this.#kinds.keys();
    if (this.#kinds.size > MOST_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
  }

  /** Those with any in the last ten minutes. @param wallMs now, since 1970 */
  lately(wallMs: number): FailureKind[] {
    const current = Math.floor(wallMs / STEP_MS);
    return [...this.#kinds.values()].flatMap(({ newest, steps }) => {
      const within = (count: number) =>
        [...steps].reduce((sum, [step, failures]) => (step >= current - count ? sum + failures : sum), 0);
      const lastTenMinutes = within(TEN_MINUTES_STEPS);
      return lastTenMinutes === 0 ? [] : [{ ...newest, lastMinute: within(MINUTE_STEPS), lastTenMinutes }];
    });
  }
}

const CIRCUIT_OPEN: ErrorCode = 'circuit_open';
