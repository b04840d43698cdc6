/**
 * What this worker knows of circuits and cooldowns, and its way to a probe. Circuits are judged by the primary; here its
 * views are read and counted down by the worker's own clock, so that no request ever waits for the primary's word and no
 * circuit stays open because the primary is silent. A target may be used if its provider's circuit and its own allow it.
 *
 * A cooldown that this worker caused holds here immediately, beside the view, until the view has had time to hold it.
 *
 * What is due needs a lease. While the primary is heard, it alone gives them. After `SILENCE_MS` without a sign from it
 * the worker decides on probes by itself, on circuits of its own (`OwnCircuits`) that vanish as soon as the primary is
 * heard again or sends a view.
 */

import { type CircuitState, type CircuitView, circuitKey } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { CircuitOptions, TargetConfig } from '../../shared/config.ts';
import type { CooldownStarted, Verdict } from '../../shared/events.ts';
import { isOwnLease, OwnCircuits } from './own-circuits.ts';

/** Without a heartbeat, a view or any other word of the primary for so long, the worker is on its own. */
const SILENCE_MS = 2_000;
/** How long a request waits for the answer to its ask for a lease. */
const LEASE_WAIT_MS = 50;
/** A denied ask stands for the requests that follow it, which would flood the primary while a slow probe is out. */
const DENIAL_MS = 50;
/** A view that comes so long after a cooldown of this worker's own has either taken it in or overruled it. */
const COOLDOWN_BRIDGE_MS = 1_000;

type CircuitLook =
  | { readonly kind: 'available' }
  | { readonly kind: 'probe-due' }
  | { readonly kind: 'open'; readonly remainingMs: number };

/** Whether a target may be used now. `probe-due`: with a lease only. */
type GateState = CircuitLook | { readonly kind: 'cooling-down'; readonly remainingMs: number };

type Target = Pick<TargetConfig, 'provider' | 'model'>;

interface CircuitGateOptions {
  readonly clock: Clock;
  readonly requestLease: (target: Target, request: number) => void;
  readonly returnLease: (target: Target, lease: number) => void;
  /** When the primary last said anything, on `clock`. */
  readonly primaryHeardAtMs: () => number;
  /** A provider's options, for probes without a primary; undefined for one that is not configured. */
  readonly circuitOptions: (provider: string) => CircuitOptions | undefined;
}

interface Known {
  readonly state: CircuitState;
  readonly dueMs: number;
}

interface Ask {
  readonly request: number;
  readonly answer: (lease: number | null) => void;
  readonly timer: Timer;
}

interface OwnCooldown {
  readonly sinceMs: number;
  readonly untilMs: number;
}

const AVAILABLE: CircuitLook = { kind: 'available' };
const PROBE_DUE: CircuitLook = { kind: 'probe-due' };

/** One per worker. */
export class CircuitGate {
  readonly #options: CircuitGateOptions;
  readonly #own = new OwnCircuits();
  readonly #ownCooldowns = new Map<string, OwnCooldown>();
  /** At most one ask is under way for each due provider, and for each due target of others: no more could be granted. */
  readonly #asks = new Map<string, Ask>();
  readonly #deniedUntilMs = new Map<string, number>();
  #version = Number.NEGATIVE_INFINITY;
  #resets: Readonly<Record<string, number>> = {};
  /** Those that are not closed. */
  readonly #circuits = new Map<string, Known>();
  readonly #cooldownsUntilMs = new Map<string, number>();

  constructor(options: CircuitGateOptions) {
    this.#options = options;
  }

  /** Takes a view of the primary's, whole or of changes, unless a newer one is known. */
  apply(view: CircuitView): void {
    if (view.version < this.#version) return;
    const nowMs = this.#nowMs();
    this.#version = view.version;
    if (view.since === null) {
      this.#circuits.clear();
      this.#cooldownsUntilMs.clear();
    }
    for (const { provider, model, state, remainingMs } of view.circuits) {
      const key = circuitKey(provider, model);
      if (state === 'closed') this.#circuits.delete(key);
      else this.#circuits.set(key, { state, dueMs: nowMs + remainingMs });
    }
    for (const { provider, model, remainingMs } of view.cooldowns) {
      this.#cooldownsUntilMs.set(circuitKey(provider, model), nowMs + remainingMs);
    }
    for (const [key, untilMs] of this.#cooldownsUntilMs) if (untilMs <= nowMs) this.#cooldownsUntilMs.delete(key);
    const reset = this.#newlyReset(view.resets ?? {});
    for (const [key, cooldown] of this.#ownCooldowns) {
      const isOver = reset.has(providerOf(key)) || nowMs - cooldown.sinceMs >= COOLDOWN_BRIDGE_MS;
      if (isOver) this.#ownCooldowns.delete(key);
    }
    this.#deniedUntilMs.clear();
    this.#own.clear();
  }

  /** Whether a target may be used now. Changes nothing; circuits are named before cooldowns, the latest end counts. */
  state(provider: string, model: string): GateState {
    const nowMs = this.#nowMs();
    const cooldownMs = this.#cooldownUntilMs(provider, model) - nowMs;
    const circuit = this.#way(provider, model, nowMs);
    if (circuit.kind === 'open') return { kind: 'open', remainingMs: Math.max(circuit.remainingMs, cooldownMs) };
    return cooldownMs > 0 ? { kind: 'cooling-down', remainingMs: cooldownMs } : circuit;
  }

  /** Whether all of a provider's targets cool down because it refused our key. */
  keyCoolsDown(provider: string): boolean {
    return this.#endOfCooldownMs(provider) > this.#nowMs();
  }

  /**
   * Asks for the lease to probe all that is due on the way to a target: its provider's circuit, its own or both. Null
   * when denied, or not answered within 50 ms; a grant that comes later is returned. A lease must be ended: by an
   * attempt's event with its number, or by `release`.
   */
  acquireProbe(target: Target, request: number): Promise<number | null> {
    const { provider, model } = target;
    const nowMs = this.#nowMs();
    if (this.#isAlone(nowMs)) return Promise.resolve(this.#acquireOwn(target, nowMs));
    const key = this.#circuits.has(provider) ? provider : circuitKey(provider, model);
    if (this.#asks.has(key) || nowMs < (this.#deniedUntilMs.get(key) ?? 0)) return Promise.resolve(null);
    return new Promise((answer) => {
      const timer = this.#options.clock.after(LEASE_WAIT_MS, () => this.#settle(key, null));
      this.#asks.set(key, { request, answer, timer });
      this.#options.requestLease(target, request);
    });
  }

  /** The primary's answer to an ask. */
  onLease(target: Target, request: number, lease: number | null): void {
    const keys = [target.provider, circuitKey(target.provider, target.model)];
    const key = keys.find((candidate) => this.#asks.get(candidate)?.request === request);
    if (key === undefined) {
      if (lease !== null) this.#options.returnLease(target, lease);
      return;
    }
    if (lease === null) this.#deniedUntilMs.set(key, this.#nowMs() + DENIAL_MS);
    this.#settle(key, lease);
  }

  /** Gives back a lease under which no attempt was made. */
  release(target: Target, lease: number): void {
    if (isOwnLease(lease)) this.probeEnded(target, lease, 'neutral', 'neutral');
    else this.#options.returnLease(target, lease);
  }

  /** Leaves a target out immediately, before the primary's view says so. A later end wins. */
  coolDownLocally(event: CooldownStarted): void {
    const nowMs = this.#nowMs();
    const key = circuitKey(event.provider, event.model);
    const untilMs = Math.max(nowMs + cooldownLengthMs(event, 1), this.#ownCooldowns.get(key)?.untilMs ?? 0);
    this.#ownCooldowns.set(key, { sinceMs: nowMs, untilMs });
  }

  /**
   * The verdicts of a probe are known: at its commit, or at its end before. Matters for leases that this worker gave
   * itself; of its own leases the primary learns by the attempt's event.
   */
  probeEnded(target: Target, lease: number, verdict: Verdict, ofProvider: Verdict): void {
    this.#ownEnded(target.provider, target.provider, lease, ofProvider);
    this.#ownEnded(target.provider, circuitKey(target.provider, target.model), lease, verdict);
  }

  /** A probe has got its status line. The same as for `probeEnded` holds. */
  providerAnswered(provider: string, lease: number): void {
    this.#ownEnded(provider, provider, lease, 'success');
  }

  /** The providers that begin anew with this view. */
  #newlyReset(resets: Readonly<Record<string, number>>): ReadonlySet<string> {
    const known = this.#resets;
    this.#resets = resets;
    return new Set(Object.keys(resets).filter((provider) => resets[provider] !== known[provider]));
  }

  /** The circuits on the way to a target, as one. */
  #way(provider: string, model: string, nowMs: number): CircuitLook {
    if (this.#circuits.size === 0) return AVAILABLE;
    const ofProvider = this.#circuit(provider, nowMs);
    const ofTarget = this.#circuit(circuitKey(provider, model), nowMs);
    const openMs = Math.max(openFor(ofProvider), openFor(ofTarget));
    if (openMs > 0) return { kind: 'open', remainingMs: openMs };
    return ofProvider.kind === 'available' ? ofTarget : ofProvider;
  }

  #circuit(key: string, nowMs: number): CircuitLook {
    const known = this.#circuits.get(key);
    if (known === undefined) return AVAILABLE;
    const own = this.#isAlone(nowMs) ? this.#own.status(key) : null;
    const { state, dueMs } = own ?? known;
    if (state === 'closed') return AVAILABLE;
    return state === 'open' && nowMs < dueMs ? { kind: 'open', remainingMs: dueMs - nowMs } : PROBE_DUE;
  }

  #acquireOwn({ provider, model }: Target, nowMs: number): number | null {
    const options = this.#options.circuitOptions(provider);
    if (options === undefined || this.#way(provider, model, nowMs).kind !== 'probe-due') return null;
    const due = [provider, circuitKey(provider, model)].filter((key) => this.#circuit(key, nowMs).kind === 'probe-due');
    return this.#own.acquire(due, options, nowMs);
  }

  #ownEnded(provider: string, key: string, lease: number, verdict: Verdict): void {
    const options = this.#options.circuitOptions(provider);
    if (isOwnLease(lease) && options !== undefined) this.#own.ended(key, lease, verdict, options, this.#nowMs());
  }

  #cooldownUntilMs(provider: string, model: string): number {
    if (this.#cooldownsUntilMs.size === 0 && this.#ownCooldowns.size === 0) return 0;
    return Math.max(this.#endOfCooldownMs(provider), this.#endOfCooldownMs(circuitKey(provider, model)));
  }

  #endOfCooldownMs(key: string): number {
    return Math.max(this.#cooldownsUntilMs.get(key) ?? 0, this.#ownCooldowns.get(key)?.untilMs ?? 0);
  }

  /** Whether the primary is silent; what was decided without it ends with its silence. */
  #isAlone(nowMs: number): boolean {
    const alone = nowMs - this.#options.primaryHeardAtMs() > SILENCE_MS;
    if (!alone) this.#own.clear();
    return alone;
  }

  #settle(key: string, lease: number | null): void {
    const ask = this.#asks.get(key);
    if (ask === undefined) return;
    this.#asks.delete(key);
    ask.timer.cancel();
    ask.answer(lease);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

function openFor(look: CircuitLook): number {
  return look.kind === 'open' ? look.remainingMs : 0;
}

function providerOf(key: string): string {
  return key.split('\n', 1)[0] ?? key;
}
