/**
 * A summary of the events that were dropped because the pipe was full: how many, and the sums of their circuit
 * outcomes. Events that nothing else can replace (a probe's verdict, a cooldown) are kept whole, at most 256 of them.
 */
import { circuitKey } from '../../shared/circuits/circuit-view.ts';
import type { Verdict, WorkerEvent } from '../../shared/events.ts';
import type { DroppedOutcomes } from '../../shared/ipc.ts';

const MAX_KEPT = 256;

interface Kept {
  readonly number: number;
  readonly event: WorkerEvent;
}

interface Dropped {
  /** Number of lost events, without those in `kept`. */
  readonly events: number;
  readonly kept: readonly Kept[];
  readonly outcomes: readonly DroppedOutcomes[];
}

const nothing: Dropped = { events: 0, kept: [], outcomes: [] };

/** Counts dropped events until the pipe has room to report them. */
export class DropTally {
  #events = 0;
  #kept: Kept[] = [];
  readonly #outcomes = new Map<string, DroppedOutcomes>();

  /** Whether there is something to report. */
  get waiting(): boolean {
    return this.#events > 0 || this.#kept.length > 0;
  }

  /** Adds an event, with its number, that will not be sent. */
  drop(number: number, event: WorkerEvent): void {
    if (isIrreplaceable(event) && this.#kept.length < MAX_KEPT) {
      this.#kept.push({ number, event });
      return;
    }
    this.#events += 1;
    if (event.type !== 'attempt-ended') return;
    const { provider, model, verdict, providerVerdict = verdict, attempt, targetAttempt = attempt } = event;
    // All attempts of one request at one place are one outcome, so only the first is counted.
    if (attempt === 1) this.#count(provider, null, providerVerdict, null);
    const body = verdict === 'failure' ? (event.body ?? null) : null;
    if (targetAttempt === 1) this.#count(provider, model, verdict, body);
  }

  #count(provider: string, model: string | null, verdict: Verdict, body: number | null): void {
    if (verdict === 'neutral') return;
    const key = `${verdict} ${body} ${circuitKey(provider, model)}`;
    const known = this.#outcomes.get(key);
    // Bodies are as many as requests.
    if (known === undefined && body !== null && this.#outcomes.size >= MAX_KEPT) {
      this.#count(provider, model, verdict, null);
      return;
    }
    this.#outcomes.set(key, { provider, model, verdict, body, count: (known?.count ?? 0) + 1 });
  }

  /** Returns everything since the last call and resets the tally. */
  take(): Dropped {
    if (!this.waiting) return nothing;
    const dropped = { events: this.#events, kept: this.#kept, outcomes: [...this.#outcomes.values()] };
    this.#events = 0;
    this.#kept = [];
    this.#outcomes.clear();
    return dropped;
  }
}

/** Without these events, a circuit would wait forever for its probe, or other workers would ask a cooling target. */
function isIrreplaceable(event: WorkerEvent): boolean {
  if (event.type === 'attempt-ended') return event.lease !== undefined;
  return event.type === 'probe-succeeded' || event.type === 'cooldown-started';
}
