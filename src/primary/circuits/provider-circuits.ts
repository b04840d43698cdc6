/**
 * The circuits of one provider: its own and one for each of its targets, with a timer for each that is open. `model` null
 * stands for the provider's own. What `step` decides is never decided here again.
 */
import {
  type Circuit,
  type CircuitEvent,
  closedCircuit,
  type Lease,
  mayLease,
  step,
} from '../../shared/circuits/circuit.ts';
import type { CircuitState } from '../../shared/circuits/circuit-view.ts';
import { failuresOfMost } from '../../shared/circuits/provider-rule.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { CircuitOptions } from '../../shared/config.ts';

interface ProviderCircuitsOptions {
  readonly clock: Clock;
  /** Called on each transition, in the same turn. */
  readonly changed: (model: string | null, to: CircuitState) => void;
}

export class ProviderCircuits {
  readonly #clock: Clock;
  readonly #changed: ProviderCircuitsOptions['changed'];
  readonly #targets = new Map<string, Circuit>();
  /** For each open circuit, what makes it half-open in time. */
  readonly #timers = new Map<string | null, Timer>();
  #own: Circuit;
  #options: CircuitOptions;

  /** Begins with all circuits closed. */
  constructor(circuitOptions: CircuitOptions, models: Iterable<string>, { clock, changed }: ProviderCircuitsOptions) {
    this.#clock = clock;
    this.#changed = changed;
    this.#options = circuitOptions;
    this.#own = closedCircuit(clock.nowMs());
    for (const model of models) this.#targets.set(model, closedCircuit(clock.nowMs()));
  }

  get own(): Circuit {
    return this.#own;
  }

  /** By the provider's names of the models: every configured target. */
  get targets(): ReadonlyMap<string, Circuit> {
    return this.#targets;
  }

  get options(): CircuitOptions {
    return this.#options;
  }

  /** The circuit after `event`; undefined for a model that is no target. */
  step(model: string | null, event: CircuitEvent): Circuit | undefined {
    const before = model === null ? this.#own : this.#targets.get(model);
    if (before === undefined) return undefined;
    const after = step(before, event, this.#clock.nowMs(), this.#options);
    if (after !== before) this.#put(model, after);
    if (after.state !== before.state) {
      this.#wakeWhenDue(model, after);
      this.#changed(model, after.state);
    }
    return after;
  }

  /** Opens the provider's own circuit if most of its targets fail. To be called after each failure of a target. */
  judgeTogether(jitter: number): void {
    if (this.#own.state !== 'closed') return;
    const nowMs = this.#clock.nowMs();
    const failures = failuresOfMost(this.#targets.values(), this.#own.sinceMs, nowMs, this.#options);
    if (failures > 0) this.step(null, { type: 'tripped', failures, jitter });
  }

  /**
   * Gives one lease for all that is half-open on the way to a target: the provider, the target or both. False, and
   * nothing is leased, when one of them is open or has a fresh lease out, and when both are closed.
   */
  lease(model: string, lease: Lease): boolean {
    const due = [null, model].filter((key) => {
      const circuit = this.step(key, { type: 'time-passed' });
      return circuit !== undefined && circuit.state !== 'closed';
    });
    const nowMs = this.#clock.nowMs();
    const free = due.every((key) => {
      const circuit = this.#of(key);
      return circuit !== undefined && mayLease(circuit, nowMs);
    });
    if (due.length === 0 || !free) return false;
    for (const key of due) this.step(key, { type: 'lease-asked', lease });
    return true;
  }

  /** Takes a lease back from the worker that has it. */
  returnLease(worker: string, model: string, lease: number): void {
    for (const key of [null, model]) {
      const circuit = this.#of(key);
      if (circuit?.state !== 'half-open' || circuit.lease?.worker !== worker) continue;
      this.step(key, { type: 'lease-returned', lease });
    }
  }

  /** The same event for the provider's own circuit and all of its targets'. */
  stepAll(event: CircuitEvent): void {
    this.step(null, event);
    for (const model of this.#targets.keys()) this.step(model, event);
  }

  /** Takes a new configuration of the same provider: circuits of targets that it still has are kept. */
  reconfigure(options: CircuitOptions, models: ReadonlySet<string>): void {
    this.#options = options;
    for (const [model, circuit] of this.#targets) {
      if (models.has(model)) continue;
      this.#targets.delete(model);
      this.#forget(model, circuit);
    }
    for (const model of models) {
      if (!this.#targets.has(model)) this.#targets.set(model, closedCircuit(this.#clock.nowMs()));
    }
  }

  /** Puts a circuit of a former primary in the place of a closed one, which is no transition. */
  restore(model: string | null, circuit: Circuit): void {
    if (this.#of(model) === undefined) return;
    this.#put(model, circuit);
    this.#wakeWhenDue(model, circuit);
  }

  /** The provider is gone: what was not closed is no longer there. */
  end(): void {
    this.#forget(null, this.#own);
    for (const [model, circuit] of this.#targets) this.#forget(model, circuit);
  }

  #of(model: string | null): Circuit | undefined {
    return model === null ? this.#own : this.#targets.get(model);
  }

  #put(model: string | null, circuit: Circuit): void {
    if (model === null) this.#own = circuit;
    else this.#targets.set(model, circuit);
  }

  #forget(model: string | null, circuit: Circuit): void {
    this.#timers.get(model)?.cancel();
    this.#timers.delete(model);
    if (circuit.state !== 'closed') this.#changed(model, 'closed');
  }

  /** A timer may fire a little early, and then is set once more. */
  #wakeWhenDue(model: string | null, circuit: Circuit): void {
    this.#timers.get(model)?.cancel();
    this.#timers.delete(model);
    if (circuit.state !== 'open') return;
    const timer = this.#clock.after(Math.ceil(circuit.untilMs - this.#clock.nowMs()), () => {
      const after = this.step(model, { type: 'time-passed' });
      if (after?.state === 'open') this.#wakeWhenDue(model, after);
    });
    this.#timers.set(model, timer);
  }
}
