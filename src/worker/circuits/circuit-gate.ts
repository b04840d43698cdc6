/**
 * What this worker knows of circuits and cooldowns, and its way to a probe. Circuits are judged by the primary; here its
 * last view is read and counted down by the worker's own clock, so that no request ever waits for the primary's word
 * and no circuit stays open because the primary is silent.
 *
 * A rest that this worker caused holds here at once, beside the view, until the view has had time to hold it.
 *
 * A due circuit needs a lease. While the primary is heard, it alone gives them. After `SILENCE_MS` without a sign from
 * it the worker judges probes by itself, on circuits of its own (`OwnCircuits`) that vanish as soon as the primary is
 * heard again or sends a view.
 */

import type { CircuitState, CircuitView } from '../../shared/circuits/circuit-view.ts';
import { cooldownLengthMs } from '../../shared/circuits/cooldown-length.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { CircuitOptions } from '../../shared/config.ts';
import type { CooldownReason, CooldownStarted, Verdict } from '../../shared/events.ts';
import { isOwnLease, OwnCircuits } from './own-circuits.ts';

/** Without a heartbeat, a view or any other word of the primary for so long, the worker is on its own. */
const SILENCE_MS = 2_000;
/** How long a request waits for the answer to its ask for a lease. */
const LEASE_WAIT_MS = 50;
/** A denied ask stands for the requests that follow it, which would flood the primary while a slow probe is out. */
const DENIAL_MS = 50;
/** A view that comes so long after a rest of this worker's has either taken it in or overruled it. */
const COOLDOWN_BRIDGE_MS = 1_000;

type CircuitLook =
  | { readonly kind: 'available' }
  | { readonly kind: 'probe-due' }
  | { readonly kind: 'open'; readonly remainingMs: number };

/** Whether a target may be used now. `probe-due`: with a lease only. */
type GateState =
  | CircuitLook
  | { readonly kind: 'cooling-down'; readonly remainingMs: number; readonly reason: CooldownReason };

interface CircuitGateOptions {
  readonly clock: Clock;
  readonly requestLease: (provider: string, request: number) => void;
  readonly returnLease: (provider: string, lease: number) => void;
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

/** When a cooldown ends, and why it began. */
interface KnownCooldown {
  readonly untilMs: number;
  readonly reason: CooldownReason;
}

interface OwnCooldown extends KnownCooldown {
  readonly sinceMs: number;
}

const AVAILABLE: CircuitLook = { kind: 'available' };
const PROBE_DUE: CircuitLook = { kind: 'probe-due' };

/** One per worker. */
export class CircuitGate {
  readonly #options: CircuitGateOptions;
  readonly #own: OwnCircuits;
  readonly #ownCooldowns = new Map<string, OwnCooldown>();
  /** At most one ask per provider is under way: more could not be granted. */
  readonly #asks = new Map<string, Ask>();
  readonly #deniedUntilMs = new Map<string, number>();
  #version = Number.NEGATIVE_INFINITY;
  #resets: Readonly<Record<string, number>> = {};
  #circuits: ReadonlyMap<string, Known> = new Map();
  #cooldowns: ReadonlyMap<string, KnownCooldown> = new Map();

  constructor(options: CircuitGateOptions) {
    this.#options = options;
    this.#own = new OwnCircuits(options.circuitOptions);
  }

  /** Takes the primary's view, unless a newer one is known. */
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
    const afresh = this.#newlyReset(view.resets ?? {});
    for (const [key, rest] of this.#ownCooldowns) {
      const isOver = afresh.has(providerOf(key)) || nowMs - rest.sinceMs >= COOLDOWN_BRIDGE_MS;
      if (isOver) this.#ownCooldowns.delete(key);
    }
    this.#deniedUntilMs.clear();
    this.#own.clear();
  }

  /** May this target be used now? Changes nothing; of two hindrances, the circuit is named and the later end is told. */
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
   * Asks for leave to probe a due circuit. Null when denied, or not answered within 50 ms; a grant that comes later is
   * returned. Whoever gets a lease must end it: by an attempt's event with its number, or by `release`.
   */
  acquireProbe(provider: string, request: number): Promise<number | null> {
    const nowMs = this.#nowMs();
    if (this.#alone(nowMs)) {
      const due = this.#circuit(provider, nowMs).kind === 'probe-due';
      return Promise.resolve(due ? this.#own.acquire(provider, nowMs) : null);
    }
    if (this.#asks.has(provider) || nowMs < (this.#deniedUntilMs.get(provider) ?? 0)) return Promise.resolve(null);
    return new Promise((answer) => {
      const timer = this.#options.clock.after(LEASE_WAIT_MS, () => this.#settle(provider, null));
      this.#asks.set(provider, { request, answer, timer });
      this.#options.requestLease(provider, request);
    });
  }

  /** The primary's answer to an ask. */
  onLease(provider: string, request: number, lease: number | null): void {
    if (this.#asks.get(provider)?.request !== request) {
      if (lease !== null) this.#options.returnLease(provider, lease);
      return;
    }
    if (lease === null) this.#deniedUntilMs.set(provider, this.#nowMs() + DENIAL_MS);
    this.#settle(provider, lease);
  }

  /** Gives back a lease under which no attempt was made. */
  release(provider: string, lease: number): void {
    if (isOwnLease(lease)) this.#own.ended(provider, lease, 'neutral', this.#nowMs());
    else this.#options.returnLease(provider, lease);
  }

  /** Leaves a target out at once, before the primary's view says so. A later end wins. */
  coolDownLocally(event: CooldownStarted): void {
    const nowMs = this.#nowMs();
    const key = cooldownKey(event.provider, event.model);
    const untilMs = Math.max(nowMs + cooldownLengthMs(event, 1), this.#ownCooldowns.get(key)?.untilMs ?? 0);
    this.#ownCooldowns.set(key, { sinceMs: nowMs, untilMs, reason: event.reason });
  }

  /**
   * A probe's verdict has fallen: at its commit, or at its end before. Matters for leases that this worker gave itself;
   * of the primary's own the primary learns by the attempt's event.
   */
  probeEnded(provider: string, lease: number, verdict: Verdict): void {
    if (isOwnLease(lease)) this.#own.ended(provider, lease, verdict, this.#nowMs());
  }

  /** The providers that begin afresh with this view. */
  #newlyReset(resets: Readonly<Record<string, number>>): ReadonlySet<string> {
    const known = this.#resets;
    this.#resets = resets;
    return new Set(Object.keys(resets).filter((provider) => resets[provider] !== known[provider]));
  }

  #circuit(provider: string, nowMs: number): CircuitLook {
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

  /** Whether the primary is silent; what was decided without it ends with its silence. */
  #alone(nowMs: number): boolean {
    const alone = nowMs - this.#options.primaryHeardAtMs() > SILENCE_MS;
    if (!alone) this.#own.clear();
    return alone;
  }

  #settle(provider: string, lease: number | null): void {
    const ask = this.#asks.get(provider);
    if (ask === undefined) return;
    this.#asks.delete(provider);
    ask.timer.cancel();
    ask.answer(lease);
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

/** Names of providers hold no line break, so no two targets share a key. */
function cooldownKey(provider: string, model: string | null): string {
  return model === null ? provider : `${provider}\n${model}`;
}

function providerOf(key: string): string {
  return key.split('\n', 1)[0] ?? key;
}
