/**
 * The host's one judge of circuits and cooldowns. It reads the events of all workers, gives the leases for probes, and
 * sends every worker each change.
 *
 * How one circuit opens, from the failure to the last worker:
 *
 *   worker A: attempt-ended ──events──▶ primary: step(provider), step(target) ──▶ changed() for metrics, log, live view
 *                                          ├─ at the end of this turn, at most each 5 ms: the changes ──▶ all workers
 *                                          └─ then, at most each 100 ms: the whole state ──▶ the checkpoint
 *
 * Invariants: at most one fresh lease is out per circuit, and each number is given once; a view's version grows with
 * every change and a view says nothing that was not so at that moment.
 */

import { LEASE_FRESH_MS } from '../../shared/circuits/circuit.ts';
import type { CircuitState, CircuitView } from '../../shared/circuits/circuit-view.ts';
import type { SavedCircuits } from '../../shared/circuits/saved-circuits.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Config, ProviderConfig } from '../../shared/config.ts';
import type { AttemptEnded, CooldownStarted, WorkerEvent } from '../../shared/events.ts';
import type { DroppedOutcomes } from '../../shared/ipc.ts';
import { DEFAULT_KEY } from '../../shared/provider-keys.ts';
import { type ProviderReport, reportProvider, reportTargets, type TargetReport } from './circuit-report.ts';
import { restoreCircuits, saveCircuits } from './circuit-saving.ts';
import { CircuitViews } from './circuit-views.ts';
import { Cooldowns } from './cooldowns.ts';
import { accountsOf, keptKeys } from './kept-keys.ts';
import { type KeyReport, type RestReport, reportKeys, reportRests } from './key-report.ts';
import { Paced } from './paced.ts';
import { ProviderCircuits } from './provider-circuits.ts';
import { RefusedKeys } from './refused-keys.ts';

interface CircuitAuthorityOptions {
  readonly config: Config;
  readonly clock: Clock;
  /** 0..1, for the jitter of openings. */
  readonly random: () => number;
  /** Sends a view to all workers; called at most once per 5 ms. */
  readonly broadcast: (view: CircuitView) => void;
  /** Writes the state for a successor; called after a change, at most once per 100 ms. */
  readonly keep: (circuits: SavedCircuits) => void;
  /** Called on each transition of a circuit, in the same turn. `model` null: the provider's own. */
  readonly changed: (provider: string, model: string | null, to: CircuitState) => void;
  /** Called when a key begins to cool down because of 403s that many different requests got in a row. */
  readonly keyRefused: (provider: string, key: string) => void;
}

const KEEP_SPACING_MS = 100;

/** One per gateway, in the primary. */
export class CircuitAuthority {
  readonly #options: CircuitAuthorityOptions;
  readonly #providers = new Map<string, ProviderCircuits>();
  readonly #cooldowns = new Cooldowns();
  readonly #keys: RefusedKeys;
  readonly #views: CircuitViews;
  readonly #keeping: Paced;
  #config: Config;
  #lastLease = 0;

  constructor(options: CircuitAuthorityOptions) {
    const { config, clock, broadcast, keep } = options;
    this.#options = options;
    this.#config = config;
    this.#views = new CircuitViews({ clock, providers: this.#providers, cooldowns: this.#cooldowns, broadcast });
    this.#keys = new RefusedKeys({
      clock,
      isCooling: (provider, key) => {
        return (this.#cooldowns.status({ provider, key, model: null }, this.#nowMs())?.remainingMs ?? 0) > 0;
      },
      refused: (provider, key) => this.#keyRefused(provider, key),
    });
    this.#keeping = new Paced(clock, KEEP_SPACING_MS, () => keep(this.saved()));
    this.#addMissing();
  }

  /** Takes in what one worker saw, in order; `dropped` sums up outcomes from before whose events are lost. */
  events(workerId: string, events: readonly WorkerEvent[], dropped: readonly DroppedOutcomes[] = []): void {
    for (const outcomes of dropped) this.#dropped(workerId, outcomes);
    for (const event of events) {
      if (event.type === 'attempt-ended') {
        this.#attemptEnded(workerId, event);
      } else if (event.type === 'probe-succeeded') {
        const { provider, model, lease } = event;
        for (const place of model === null ? [null] : [null, model]) {
          this.#providers.get(provider)?.step(place, { type: 'probe-succeeded', lease });
        }
      } else if (event.type === 'first-content') {
        this.#keys.accepted(event.provider, event.key ?? DEFAULT_KEY);
      } else if (event.type === 'cooldown-started' && this.#hasKey(event)) {
        this.#coolDown(event);
      }
    }
  }

  /**
   * Leave for a worker to send the one probe of all that is half-open on the way to a target; null when nothing is due,
   * or another has a fresh lease of it.
   */
  requestLease(workerId: string, provider: string, model: string): number | null {
    const number = this.#lastLease + 1;
    const lease = { number, worker: workerId, freshUntilMs: this.#nowMs() + LEASE_FRESH_MS };
    if (this.#providers.get(provider)?.lease(model, lease) !== true) return null;
    this.#lastLease = number;
    return number;
  }

  /** The worker will not use its lease; the next to ask gets one. */
  returnLease(workerId: string, provider: string, model: string, lease: number): void {
    this.#providers.get(provider)?.returnLease(workerId, model, lease);
  }

  /** The worker is dead, and nothing of it is left to be read; its leases return. */
  workerGone(workerId: string): void {
    for (const circuits of this.#providers.values()) circuits.stepAll({ type: 'worker-lost', worker: workerId });
  }

  /** The worker says nothing; its leases return. A success that it reports later still closes the circuit. */
  workerSilent(workerId: string): void {
    this.workerGone(workerId);
  }

  /** All that a worker must know when it is forked. */
  view(): CircuitView {
    return this.#views.whole();
  }

  /** Every configured provider, for people and gauges. */
  providers(): readonly ProviderReport[] {
    const nowMs = this.#nowMs();
    return Array.from(this.#providers, ([provider, circuits]) => reportProvider(provider, circuits, nowMs));
  }

  /** Every configured target, for people and gauges. */
  targets(): readonly TargetReport[] {
    const nowMs = this.#nowMs();
    return Array.from(this.#providers, ([provider, circuits]) => reportTargets(provider, circuits, nowMs)).flat();
  }

  /** Every key of every provider, with what it cools down for. */
  keys(): readonly KeyReport[] {
    return reportKeys(this.#config, this.#cooldowns.list(this.#nowMs()));
  }

  /** The targets that cool down now, since all keys of their providers do. */
  resting(): readonly RestReport[] {
    const cooldowns = this.#cooldowns.list(this.#nowMs());
    return cooldowns.length === 0 ? [] : reportRests(this.#config, cooldowns);
  }

  /**
   * Closes a provider's circuit and those of its targets by hand, and ends its cooldowns; false when there is no such
   * provider. Attempts under way will not count.
   */
  reset(provider: string): boolean {
    const circuits = this.#providers.get(provider);
    if (circuits === undefined) return false;
    circuits.stepAll({ type: 'reset' });
    this.#cooldowns.retain((place) => place.provider !== provider);
    for (const { name } of this.#config.providers[provider]?.keys ?? []) this.#keys.reset(provider, name);
    this.#views.reset(provider);
    this.#keeping.request();
    return true;
  }

  /**
   * Takes a new configuration. A provider that is reached the same way as before (type, address, one of its keys at least)
   * keeps its circuit, and those of the targets that it still has; its cooldowns stay with the keys that stay, whatever
   * these are called now. Any other begins anew, so that a corrected key is used immediately.
   */
  reconfigure(config: Config): void {
    const before = this.#config.providers;
    this.#config = config;
    for (const [provider, circuits] of this.#providers) {
      const [was, is] = [before[provider], config.providers[provider]];
      const kept = was === undefined || is === undefined ? none : keptKeys(accountsOf(was), is);
      if (is !== undefined && kept.size > 0) {
        circuits.reconfigure(is.circuit, modelsOf(config, provider));
      } else {
        circuits.end();
        this.#providers.delete(provider);
      }
      if (was !== undefined && is !== undefined && hasSameKeys(was, is, kept)) continue;
      this.#cooldowns.rename(provider, kept);
      for (const { name } of was?.keys ?? []) this.#keys.forget(provider, name);
      for (const { name } of is?.keys ?? []) this.#keys.reset(provider, name);
      this.#views.reset(provider);
    }
    this.#addMissing();
    this.#cooldowns.retain(({ provider, model }) => {
      const circuits = this.#providers.get(provider);
      return circuits !== undefined && (model === null || circuits.targets.has(model));
    });
    this.#views.allChanged();
    this.#keeping.request();
  }

  /** What a successor needs, as of now. */
  saved(): SavedCircuits {
    return saveCircuits(this.#config, this.#providers, this.#cooldowns, this.#moment());
  }

  /** Writes for a successor what has changed and is not written yet. To be called before this primary ends. */
  keepNow(): void {
    this.#keeping.runRequested();
  }

  /** Continues with what a former primary left; returns how many circuits and cooldowns. Before any worker is forked. */
  restore(saved: SavedCircuits): number {
    return restoreCircuits(saved, this.#config, this.#providers, this.#cooldowns, this.#moment());
  }

  #attemptEnded(worker: string, event: AttemptEnded): void {
    const circuits = this.#providers.get(event.provider);
    if (circuits === undefined) return;
    const { provider, model, key = DEFAULT_KEY, request, attempt, verdict, retryAfterMs = 0 } = event;
    const { lease = null, body = null } = event;
    const sentMs = this.#nowMs() - event.seconds * 1000;
    if (verdict === 'success') this.#cooldowns.succeeded(provider, key, model, sentMs);
    const ofKey = event.keyVerdict ?? verdict;
    if (ofKey === 'success') this.#keys.accepted(provider, key);
    else if (event.keyVerdict === 'failure' && body !== null) this.#keys.forbidden(provider, key, body, sentMs);
    const jitter = this.#options.random();
    const common = { type: 'attempt-ended', worker, request, sentMs, lease, retryAfterMs, jitter } as const;
    const ofProvider = event.providerVerdict ?? verdict;
    circuits.step(null, { ...common, verdict: ofProvider, again: attempt > 1, body: null });
    circuits.step(model, { ...common, verdict, again: (event.targetAttempt ?? attempt) > 1, body });
    if (verdict === 'failure') circuits.judgeTogether(jitter);
  }

  #dropped(worker: string, { provider, model, verdict, body, count }: DroppedOutcomes): void {
    const circuits = this.#providers.get(provider);
    if (circuits === undefined) return;
    if (model !== null && verdict === 'success') {
      // Whose success it was is lost: a row of 403s is not to be trusted without it.
      for (const { name } of this.#config.providers[provider]?.keys ?? []) this.#keys.accepted(provider, name);
    }
    const sum = { type: 'attempt-ended', worker, request: null, again: false, verdict, body, lease: null } as const;
    for (let index = Math.min(count, circuits.options.outcomes); index > 0; index -= 1) {
      const jitter = this.#options.random();
      circuits.step(model, { ...sum, sentMs: this.#nowMs(), retryAfterMs: 0, jitter });
      if (model !== null && verdict === 'failure') circuits.judgeTogether(jitter);
    }
  }

  #keyRefused(provider: string, key: string): void {
    this.#coolDown({ type: 'cooldown-started', provider, key, model: null, reason: 'auth', retryAfterMs: null });
    this.#options.keyRefused(provider, key);
  }

  #hasKey({ provider, key = DEFAULT_KEY }: CooldownStarted): boolean {
    return this.#config.providers[provider]?.keys.some(({ name }) => name === key) === true;
  }

  #coolDown(event: CooldownStarted): void {
    if (!this.#cooldowns.add(event, this.#nowMs())) return;
    const { provider, key = DEFAULT_KEY, model } = event;
    this.#views.cooldownChanged({ provider, key, model });
    this.#keeping.request();
  }

  #addMissing(): void {
    const { clock, changed } = this.#options;
    for (const { name, circuit } of Object.values(this.#config.providers)) {
      if (this.#providers.has(name)) continue;
      const circuits = new ProviderCircuits(circuit, modelsOf(this.#config, name), {
        clock,
        changed: (model, to) => {
          this.#views.circuitChanged({ provider: name, model });
          this.#keeping.request();
          changed(name, model, to);
        },
      });
      this.#providers.set(name, circuits);
    }
  }

  #moment(): { readonly nowMs: number; readonly wallMs: number } {
    return { nowMs: this.#nowMs(), wallMs: this.#options.clock.wallMs() };
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

const none: ReadonlyMap<string, string> = new Map();

/** Whether all keys of a provider have stayed, under their names. */
function hasSameKeys(was: ProviderConfig, is: ProviderConfig, kept: ReadonlyMap<string, string>): boolean {
  return was.keys.length === is.keys.length && was.keys.every(({ name }) => kept.get(name) === name);
}

/** The provider's names of its configured models. */
function modelsOf(config: Config, provider: string): ReadonlySet<string> {
  const targets = Object.values(config.models).flatMap((model) => model.targets);
  return new Set(targets.filter((target) => target.provider === provider).map((target) => target.model));
}
