/**
 * Holds what this worker knows about circuits and cooldowns, and acquires leases for probes. The primary judges
 * circuits and sends a view. The worker counts the times in the last view down by its own clock. So no request waits
 * for the primary to decide on a circuit, and no circuit stays open because the primary is silent.
 *
 * A cooldown that this worker caused applies here immediately. It is kept in addition to the view until a view has had
 * time to include it.
 *
 * A circuit whose probe is due needs a lease. While the primary sends messages, only the primary grants leases. After
 * `SILENCE_MS` without a message, the worker judges probes itself, on circuits of its own (`OwnCircuits`). These are
 * discarded with the next message or view from the primary.
 */

import type { CircuitState, CircuitView } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { CircuitOptions } from '../../shared/config.ts';
import type { CooldownReason, CooldownStarted, Verdict } from '../../shared/events.ts';
import { isOwnLease, OwnCircuits } from './own-circuits.ts';

/** After this time without any message from the primary (heartbeat, view or other), the worker decides on its own. */
const SILENCE_MS = 2_000;
/** How long a request waits for the primary's answer to its lease request. */
const LEASE_WAIT_MS = 50;
/**
 * How long a denied lease request also denies the following ones. Without it, they would flood the primary while a slow
 * probe is under way.
 */
const DENIAL_MS = 50;
/**
 * A view that arrives this long after a cooldown of this worker began either includes that cooldown or overrules it.
 */
const COOLDOWN_BRIDGE_MS = 1_000;

type CircuitReading =
  | { readonly kind: 'available' }
  | { readonly kind: 'probe-due' }
  | { readonly kind: 'open'; readonly remainingMs: number };

/** Whether a target may be used now. `probe-due`: with a lease only. */
type GateState =
  | CircuitReading
  | { readonly kind: 'cooling-down'; readonly remainingMs: number; readonly reason: CooldownReason };

interface CircuitGateOptions {
  readonly clock: Clock;
  readonly requestLease: (provider: string, request: number) => void;
  readonly returnLease: (provider: string, lease: number) => void;
  /** When the primary's last message arrived, on `clock`. */
  readonly primaryHeardAtMs: () => number;
  /** A provider's options, for probes without a primary; undefined if the provider is not configured. */
  readonly circuitOptions: (provider: string) => CircuitOptions | undefined;
}

interface KnownCircuit {
  readonly state: CircuitState;
  readonly dueMs: number;
}

interface LeaseRequest {
  readonly request: number;
  readonly answer: (lease: number | null) => void;
  readonly timer: Timer;
}

/** When a cooldown ends, and why it began. */
interface KnownCooldown {
  readonly untilMs: number;
  readonly reason: CooldownReason;
}

interface OwnCooldown extends KnownCooldown {
  readonly sinceMs: number;
}

const AVAILABLE: CircuitReading = { kind: 'available' };
const PROBE_DUE: CircuitReading = { kind: 'probe-due' };

/** One per worker. */
export class CircuitGate {
  readonly #options: CircuitGateOptions;
  readonly #own: OwnCircuits;
  readonly #ownCooldowns = new Map<string, OwnCooldown>();
  /** Open lease requests: at most one per provider, because the primary could not grant more. */
  readonly #leaseRequests = new Map<string, LeaseRequest>();
  readonly #deniedUntilMs = new Map<string, number>();
  #version = Number.NEGATIVE_INFINITY;
  #resets: Readonly<Record<string, number>> = {};
  #circuits: ReadonlyMap<string, KnownCircuit> = new Map();
  #cooldowns: ReadonlyMap<string, KnownCooldown> = new Map();

  constructor(options: CircuitGateOptions) {
    this.#options = options;
    this.#own = new OwnCircuits(options.circuitOptions);
  }

  /** Applies the primary's view, unless a newer one is known. */
  apply(view: CircuitView): void {
    if (view.version < this.#version) return;
    const nowMs = this.#nowMs();
    this.#version = view.version;
    this.#circuits = new Map(
      view.circuits.map(({ provider, state, remainingMs }) => [provider, { state, dueMs: nowMs + remainingMs }]),
    );
    this.#cooldowns = new Map(
      view.cooldowns.map(({ provider, model, remainingMs, reason }) => [
        cooldownKey(provider, model),
        { untilMs: nowMs + remainingMs, reason },
      ]),
    );
    const reset = this.#newlyReset(view.resets ?? {});
    for (const [key, cooldown] of this.#ownCooldowns) {
      const isOver = reset.has(providerOf(key)) || nowMs - cooldown.sinceMs >= COOLDOWN_BRIDGE_MS;
      if (isOver) this.#ownCooldowns.delete(key);
    }
    this.#deniedUntilMs.clear();
    this.#own.clear();
  }

  /** Whether this target may be used now. Changes nothing. Of an open circuit and a cooldown: `open`, the later end. */
  state(provider: string, model: string): GateState {
    const nowMs = this.#nowMs();
    const cooldown = this.#cooldown(provider, model);
    const cooldownMs = cooldown === null ? 0 : cooldown.untilMs - nowMs;
    const circuit = this.#circuit(provider, nowMs);
    if (circuit.kind === 'open') return { kind: 'open', remainingMs: Math.max(circuit.remainingMs, cooldownMs) };
    if (cooldown === null || cooldownMs <= 0) return circuit;
    return { kind: 'cooling-down', remainingMs: cooldownMs, reason: cooldown.reason };
  }

  /**
   * Requests a lease to probe a circuit whose probe is due. Null if denied or not answered within 50 ms; a lease that
   * arrives later is returned. The caller must end its lease, with an attempt's event that has the lease's number or
   * with `release`.
   */
  acquireProbe(provider: string, request: number): Promise<number | null> {
    const nowMs = this.#nowMs();
    if (this.#alone(nowMs)) {
      const due = this.#circuit(provider, nowMs).kind === 'probe-due';
      return Promise.resolve(due ? this.#own.acquire(provider, nowMs) : null);
    }
    if (this.#leaseRequests.has(provider) || nowMs < (this.#deniedUntilMs.get(provider) ?? 0)) {
      return Promise.resolve(null);
    }
    return new Promise((answer) => {
      const timer = this.#options.clock.after(LEASE_WAIT_MS, () => this.#settle(provider, null));
      this.#leaseRequests.set(provider, { request, answer, timer });
      this.#options.requestLease(provider, request);
    });
  }

  /** Takes the primary's answer to a lease request. */
  onLease(provider: string, request: number, lease: number | null): void {
    if (this.#leaseRequests.get(provider)?.request !== request) {
      if (lease !== null) this.#options.returnLease(provider, lease);
      return;
    }
    if (lease === null) this.#deniedUntilMs.set(provider, this.#nowMs() + DENIAL_MS);
    this.#settle(provider, lease);
  }

  /** Releases a lease under which no attempt was made. */
  release(provider: string, lease: number): void {
    if (isOwnLease(lease)) this.#own.ended(provider, lease, 'neutral', this.#nowMs());
    else this.#options.returnLease(provider, lease);
  }

  /**
   * Excludes a target immediately, before the primary's view includes the cooldown. Of two ends, the later one holds.
   */
  coolDownLocally(event: CooldownStarted): void {
    const nowMs = this.#nowMs();
    const key = cooldownKey(event.provider, event.model);
    const untilMs = Math.max(nowMs + cooldownLengthMs(event, 1), this.#ownCooldowns.get(key)?.untilMs ?? 0);
    this.#ownCooldowns.set(key, { sinceMs: nowMs, untilMs, reason: event.reason });
  }

  /**
   * Takes a probe's verdict, at its commit or at an end before that. Affects only leases that this worker gave itself;
   * the primary learns the verdict of its own leases from the attempt's event.
   */
  probeEnded(provider: string, lease: number, verdict: Verdict): void {
    if (isOwnLease(lease)) this.#own.ended(provider, lease, verdict, this.#nowMs());
  }

  /** The providers that this view resets. */
  #newlyReset(resets: Readonly<Record<string, number>>): ReadonlySet<string> {
    const known = this.#resets;
    this.#resets = resets;
    return new Set(Object.keys(resets).filter((provider) => resets[provider] !== known[provider]));
  }

  #circuit(provider: string, nowMs: number): CircuitReading {
    const known = this.#circuits.get(provider);
    if (known === undefined || known.state === 'closed') return AVAILABLE;
    const own = this.#alone(nowMs) ? this.#own.status(provider) : null;
    const { state, dueMs } = own ?? known;
    if (state === 'closed') return AVAILABLE;
    return state === 'open' && nowMs < dueMs ? { kind: 'open', remainingMs: dueMs - nowMs } : PROBE_DUE;
  }

  /** The one that ends last of those of the target and of its provider's key. */
  #cooldown(provider: string, model: string): KnownCooldown | null {
    if (this.#cooldowns.size === 0 && this.#ownCooldowns.size === 0) return null;
    const keys = [cooldownKey(provider, null), cooldownKey(provider, model)];
    let last: KnownCooldown | null = null;
    for (const known of [this.#cooldowns, this.#ownCooldowns]) {
      for (const key of keys) {
        const cooldown = known.get(key);
        if (cooldown !== undefined && cooldown.untilMs > (last?.untilMs ?? Number.NEGATIVE_INFINITY)) last = cooldown;
      }
    }
    return last;
  }

  /** Whether the primary is silent. If it is not, the worker's own circuits are discarded. */
  #alone(nowMs: number): boolean {
    const alone = nowMs - this.#options.primaryHeardAtMs() > SILENCE_MS;
    if (!alone) this.#own.clear();
    return alone;
  }

  #settle(provider: string, lease: number | null): void {
    const open = this.#leaseRequests.get(provider);
    if (open === undefined) return;
    this.#leaseRequests.delete(provider);
    open.timer.cancel();
    open.answer(lease);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

/** Provider names contain no line break, so no two targets share a key. */
function cooldownKey(provider: string, model: string | null): string {
  return model === null ? provider : `${provider}\n${model}`;
}

function providerOf(key: string): string {
  return key.split('\n', 1)[0] ?? key;
}
