/**
 * Decides all circuits and cooldowns of the host. It reads the events of all workers, grants the leases for probes, and
 * sends a view to every worker after each change.
 *
 * How one circuit opens, from the failure to the last worker:
 *
 *   worker A: attempt-ended (failure) ──events──▶ primary: step() trips ──▶ changed() for the metrics
 *                                                    └─ at the end of this turn, one view ──circuits──▶ all workers
 *
 * Invariants: each provider has at most one lease, and each lease number is used once. The view's version grows with
 * every change, and a view shows the state at the moment when it is made. Only `step` decides changes of circuits.
 */

import { type Circuit, type CircuitEvent, closedCircuit, step } from '../../shared/circuits/circuit.ts';
import type { CircuitState, CircuitStatus, CircuitView } from '../../shared/circuits/circuit-view.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import type { AttemptEnded, WorkerEvent } from '../../shared/events.ts';
import type { DroppedOutcomes } from '../../shared/ipc.ts';
import { Cooldowns } from './cooldowns.ts';

interface CircuitAuthorityOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** 0..1, for the jitter of the open time. */
  readonly random: () => number;
  /** Sends a view to all workers; called at most once per turn of the event loop. */
  readonly broadcast: (view: CircuitView) => void;
  /** Called on each transition of a circuit, synchronously. */
  readonly changed: (provider: string, to: CircuitState) => void;
}

/** A circuit as the status page shows it. */
interface CircuitReport extends CircuitStatus {
  /** Closed: failures in the window. Otherwise: the failures that opened it, plus its failed probes. */
  readonly failures: number;
}

/** A lease expires this long after its probe's own time limit. */
const LEASE_MARGIN_MS = 5_000;

/** One per gateway, in the primary. */
export class CircuitAuthority {
  readonly #options: CircuitAuthorityOptions;
  readonly #circuits = new Map<string, Circuit>();
  /** For each open circuit, the timer that makes it half-open. */
  readonly #timers = new Map<string, Timer>();
  readonly #cooldowns = new Cooldowns();
  readonly #resets = new Map<string, number>();
  #config: Config;
  #version = 1;
  #lastLease = 0;
  #viewPending = false;

  constructor(options: CircuitAuthorityOptions) {
    this.#options = options;
    this.#config = options.config;
    for (const provider of Object.keys(this.#config.providers)) this.#circuits.set(provider, this.#fresh());
  }

  /** Applies the events of one worker, in order; `dropped` sums up earlier outcomes whose events were lost. */
  events(workerId: string, events: readonly WorkerEvent[], dropped: readonly DroppedOutcomes[] = []): void {
    for (const outcomes of dropped) this.#dropped(workerId, outcomes);
    for (const event of events) {
      if (event.type === 'attempt-ended') {
        this.#attemptEnded(workerId, event);
      } else if (event.type === 'probe-committed') {
        this.#step(event.provider, { type: 'probe-committed', lease: event.lease });
      } else if (event.type === 'cooldown-started' && this.#circuits.has(event.provider)) {
        if (this.#cooldowns.add(event, this.#nowMs())) this.#viewChanged();
      }
    }
  }

  /** The number of a lease for a due circuit; null when it is not due or another worker holds the lease. */
  requestLease(workerId: string, provider: string): number | null {
    const config = this.#config.providers[provider];
    if (config === undefined) return null;
    this.#lastLease += 1;
    const number = this.#lastLease;
    const expiresMs = this.#nowMs() + this.#probeLimitMs(config);
    const circuit = this.#step(provider, { type: 'lease-asked', lease: { number, worker: workerId, expiresMs } });
    // The view goes out before the answer: a worker that gets no lease reads its view again.
    this.#sendView();
    return circuit?.state === 'half-open' && circuit.lease?.number === number ? number : null;
  }

  /** The worker does not use its lease; the next worker that asks gets one. */
  returnLease(workerId: string, provider: string, lease: number): void {
    const circuit = this.#circuits.get(provider);
    if (circuit?.state !== 'half-open' || circuit.lease?.worker !== workerId) return;
    this.#step(provider, { type: 'lease-returned', lease });
  }

  /** The worker is dead, and its pipes are read to the end; its leases are released. */
  workerGone(workerId: string): void {
    for (const provider of this.#circuits.keys()) this.#step(provider, { type: 'worker-lost', worker: workerId });
  }

  /** The worker is silent; its leases are released. A late result of its probe counts as an ordinary attempt. */
  workerSilent(workerId: string): void {
    this.workerGone(workerId);
  }

  /** The current view for the workers. */
  view(): CircuitView {
    return {
      version: this.#version,
      circuits: this.status().map(({ provider, state, remainingMs }) => ({ provider, state, remainingMs })),
      cooldowns: this.#cooldowns.list(this.#nowMs()),
      resets: Object.fromEntries(this.#resets),
    };
  }

  /** Every provider's circuit, for the status page and the gauges. */
  status(): readonly CircuitReport[] {
    const nowMs = this.#nowMs();
    return Array.from(this.#circuits, ([provider, circuit]) => {
      const { state } = circuit;
      const remainingMs = state === 'open' ? Math.max(0, Math.ceil(circuit.untilMs - nowMs)) : 0;
      if (state !== 'closed') return { provider, state, remainingMs, failures: circuit.failures };
      const limits = this.#config.providers[provider]?.circuit;
      const window = limits === undefined ? circuit.window : circuit.window.at(nowMs, limits);
      return { provider, state, remainingMs, failures: window.failures };
    });
  }

  /** Providers with a target that cools down now. */
  coolingDown(): readonly string[] {
    return [...new Set(this.#cooldowns.list(this.#nowMs()).map((cooldown) => cooldown.provider))];
  }

  /**
   * Closes a circuit by hand and ends the provider's cooldowns; false when there is no such provider. Attempts that are
   * under way do not count.
   */
  reset(provider: string): boolean {
    if (this.#step(provider, { type: 'reset' }) === undefined) return false;
    this.#cooldowns.retain((name) => name !== provider);
    this.#countReset(provider);
    this.#viewChanged();
    return true;
  }

  /**
   * Applies a new configuration. A provider whose type, address and key are unchanged keeps its circuit and its
   * targets' cooldowns. Any other provider is reset, so that a corrected key is used immediately.
   */
  reconfigure(config: Config): void {
    const before = this.#config.providers;
    const kept = new Set(
      Object.keys(config.providers).filter((name) => sameUpstream(before[name], config.providers[name])),
    );
    this.#config = config;
    for (const provider of [...this.#circuits.keys()]) {
      if (kept.has(provider)) continue;
      this.#forget(provider);
      this.#countReset(provider);
    }
    for (const provider of Object.keys(config.providers)) {
      if (!this.#circuits.has(provider)) this.#circuits.set(provider, this.#fresh());
    }
    const targets = allTargets(config);
    this.#cooldowns.retain((provider, model) => {
      if (!kept.has(provider)) return false;
      return model === null || targets.some((target) => target.provider === provider && target.model === model);
    });
    this.#viewChanged();
  }

  /** Counts a reset in the view: workers hold cooldowns of their own, and end them only when this count grows. */
  #countReset(provider: string): void {
    this.#resets.set(provider, (this.#resets.get(provider) ?? 0) + 1);
  }

  #attemptEnded(worker: string, event: AttemptEnded): void {
    const sentMs = this.#nowMs() - event.seconds * 1000;
    if (event.verdict === 'success') this.#cooldowns.succeeded(event.provider, event.model, sentMs);
    this.#step(event.provider, {
      type: 'attempt-ended',
      worker,
      request: event.request,
      again: event.attempt > 1,
      sentMs,
      verdict: event.verdict,
      lease: event.lease ?? null,
      retryAfterMs: event.retryAfterMs ?? 0,
      jitter: this.#options.random(),
    });
  }

  #dropped(worker: string, { provider, verdict, count }: DroppedOutcomes): void {
    const limit = this.#config.providers[provider]?.circuit.outcomes ?? 0;
    const sum = { type: 'attempt-ended', worker, request: null, again: false, verdict, lease: null } as const;
    for (let index = Math.min(count, limit); index > 0; index -= 1) {
      this.#step(provider, { ...sum, sentMs: this.#nowMs(), retryAfterMs: 0, jitter: this.#options.random() });
    }
  }

  #step(provider: string, event: CircuitEvent): Circuit | undefined {
    const before = this.#circuits.get(provider);
    const options = this.#config.providers[provider]?.circuit;
    if (before === undefined || options === undefined) return undefined;
    const after = step(before, event, this.#nowMs(), options);
    this.#circuits.set(provider, after);
    if (after.state !== before.state) {
      this.#wakeWhenDue(provider, after);
      this.#viewChanged();
      this.#options.changed(provider, after.state);
    }
    return after;
  }

  /** Sets the timer of an open circuit. A timer may fire a little early; it is then set again. */
  #wakeWhenDue(provider: string, circuit: Circuit): void {
    this.#timers.get(provider)?.cancel();
    this.#timers.delete(provider);
    if (circuit.state !== 'open') return;
    const timer = this.#options.clock.after(Math.ceil(circuit.untilMs - this.#nowMs()), () => {
      const after = this.#step(provider, { type: 'time-passed' });
      if (after?.state === 'open') this.#wakeWhenDue(provider, after);
    });
    this.#timers.set(provider, timer);
  }

  /** Schedules one view per turn of the event loop for any number of changes. */
  #viewChanged(): void {
    this.#version += 1;
    if (this.#viewPending) return;
    this.#viewPending = true;
    setImmediate(() => this.#sendView());
  }

  #sendView(): void {
    if (!this.#viewPending) return;
    this.#viewPending = false;
    this.#options.broadcast(this.view());
  }

  /** The longest time until a probe has its verdict, which comes at its commit at the latest; plus a margin. */
  #probeLimitMs(provider: ProviderConfig): number {
    const targets = allTargets(this.#config).filter((target) => target.provider === provider.name);
    return Math.max(provider.timeouts.totalMs, ...targets.map((target) => target.timeouts.totalMs)) + LEASE_MARGIN_MS;
  }

  #fresh(): Circuit {
    return closedCircuit(this.#nowMs());
  }

  #forget(provider: string): void {
    this.#timers.get(provider)?.cancel();
    this.#timers.delete(provider);
    const circuit = this.#circuits.get(provider);
    this.#circuits.delete(provider);
    if (circuit !== undefined && circuit.state !== 'closed') this.#options.changed(provider, 'closed');
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

function allTargets(config: Config) {
  return Object.values(config.models).flatMap((model) => model.targets);
}

function sameUpstream(before: ProviderConfig | undefined, after: ProviderConfig | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return before.type === after.type && before.baseUrl === after.baseUrl && before.apiKey === after.apiKey;
}
