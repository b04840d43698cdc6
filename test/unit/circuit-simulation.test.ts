import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../src/primary/circuits/circuit-authority.ts';
import { type CircuitView, mergeViews } from '../../src/shared/circuits/circuit-view.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import { CircuitGate } from '../../src/worker/circuits/circuit-gate.ts';
import { attemptEnded, configOf, providerConfig } from '../helpers/circuit-fixtures.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { circuitOptions } from '../helpers/test-config.ts';

const quick = { ...circuitOptions, windowMs: 5_000, openForMs: 400, maxOpenForMs: 1_600 };
const WORKERS = 4;
const KEYS = [{ name: 'default' }];
const MODELS = ['m', 'n'] as const;
type Model = (typeof MODELS)[number];

/** What fails: connections to the provider, the answers of one of its models, or those of both. */
type Fault = 'none' | 'connections' | 'one' | 'both';

/** One gateway in simulated time: an authority, four gates, and messages that are delayed but keep their order. */
class Host {
  readonly clock = new ManualClock();
  readonly authority: CircuitAuthority;
  readonly #random: () => number;
  readonly #workers = new Map<number, SimulatedWorker>();
  readonly #arrivals = new Map<string, number>();
  #births = 0;
  fault: Fault = 'none';
  /** The next probe is never answered. */
  hangsOnce = false;
  /** For each circuit, the leases of probes that are out. */
  readonly probing = new Map<string, Set<number>>();
  mostAtOnce = 0;
  probes = 0;
  readonly transitions: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
    this.authority = new CircuitAuthority({
      config: configOf(providerConfig('openai', { circuit: quick })),
      clock: this.clock,
      random,
      broadcast: (view) => {
        for (const worker of this.#workers.values()) worker.sendView(view);
      },
      keep: () => undefined,
      changed: (_, model, to) => this.transitions.push(`${model ?? 'provider'} ${to}`),
      keyRefused: () => undefined,
    });
    for (let slot = 0; slot < WORKERS; slot += 1) this.start(slot);
  }

  get workers(): readonly SimulatedWorker[] {
    return [...this.#workers.values()];
  }

  start(slot: number): void {
    this.#births += 1;
    const worker = new SimulatedWorker(this, `w${this.#births}`);
    worker.gate.apply(this.authority.view());
    this.#workers.set(slot, worker);
    this.#scheduleRequest(worker);
  }

  /** The primary still reads what is in the worker's pipe; only then it counts the worker as dead. */
  kill(slot: number): void {
    const worker = this.#workers.get(slot);
    if (worker === undefined) return;
    worker.die();
    this.toPrimary(worker, () => this.authority.workerGone(worker.id));
    this.start(slot);
  }

  toPrimary(worker: SimulatedWorker, deliver: () => void): void {
    this.#travel(`${worker.id} up`, deliver);
  }

  toWorker(worker: SimulatedWorker, deliver: () => void): void {
    this.#travel(`${worker.id} down`, () => {
      if (worker.alive) deliver();
    });
  }

  /** Delay of a message in ms: mostly short, sometimes much longer than the wait for a lease. */
  delay(): number {
    return this.#random() < 0.9 ? 0.05 + this.#random() * 5 : this.#random() * 120;
  }

  latency(): number {
    return 1 + this.#random() * 150;
  }

  model(): Model {
    return this.#random() < 0.5 ? 'm' : 'n';
  }

  /** A client that leaves between the lease and the attempt. */
  changesItsMind(): boolean {
    return this.#random() < 0.1;
  }

  /** What an attempt that is made now says in its end; null: it never ends. */
  answer(model: Model, isProbe: boolean) {
    if (isProbe && this.hangsOnce) {
      this.hangsOnce = false;
      return null;
    }
    if (this.fault === 'connections') {
      return { verdict: 'neutral', providerVerdict: 'failure', outcome: 'connect_error' } as const;
    }
    const fails = this.fault === 'both' || (this.fault === 'one' && model === 'm');
    return fails
      ? ({ verdict: 'failure', providerVerdict: 'success', outcome: 'server_error' } as const)
      : ({ verdict: 'success', providerVerdict: 'success', outcome: 'success' } as const);
  }

  /** A probe goes out under a lease that the authority has given for these circuits. */
  probeStarts(circuits: readonly string[], lease: number): void {
    this.probes += 1;
    for (const circuit of circuits) {
      const out = this.probing.get(circuit) ?? new Set();
      this.probing.set(circuit, out.add(lease));
      this.mostAtOnce = Math.max(this.mostAtOnce, out.size);
    }
  }

  probeEnds(lease: number): void {
    for (const out of this.probing.values()) out.delete(lease);
  }

  /** Circuits that are not closed now on the way to a model. */
  notClosed(model: Model): readonly string[] {
    const target = this.authority.targets().find((one) => one.model === model);
    return [...(target?.barred ? ['provider'] : []), ...(target?.state === 'closed' ? [] : [model])];
  }

  async run(milliseconds: number): Promise<void> {
    const endMs = this.clock.nowMs() + milliseconds;
    for (;;) {
      const nextMs = this.clock.nextAtMs();
      if (nextMs === null || nextMs > endMs) break;
      this.clock.advance(nextMs - this.clock.nowMs());
      await nextTurn();
    }
    this.clock.advance(endMs - this.clock.nowMs());
  }

  #travel(pipe: string, deliver: () => void): void {
    const atMs = Math.max(this.#arrivals.get(pipe) ?? 0, this.clock.nowMs() + this.delay());
    this.#arrivals.set(pipe, atMs);
    this.clock.after(atMs - this.clock.nowMs(), deliver);
  }

  #scheduleRequest(worker: SimulatedWorker): void {
    this.clock.after(this.#random() * 40, () => {
      if (!worker.alive) return;
      void worker.request();
      this.#scheduleRequest(worker);
    });
  }
}

class SimulatedWorker {
  readonly id: string;
  readonly gate: CircuitGate;
  readonly #host: Host;
  alive = true;
  #requests = 0;
  readonly #leases = new Set<number>();
  /** Which circuits each lease of this worker's is for. */
  readonly #leased = new Map<number, readonly string[]>();
  #viewOnItsWay = false;
  #nextView: CircuitView | null = null;

  constructor(host: Host, id: string) {
    this.#host = host;
    this.id = id;
    this.gate = new CircuitGate({
      clock: host.clock,
      requestLease: (target, request) =>
        host.toPrimary(this, () => {
          const lease = host.authority.requestLease(this.id, target.provider, target.model);
          if (lease !== null) this.#leased.set(lease, host.notClosed(target.model === 'm' ? 'm' : 'n'));
          host.toWorker(this, () => this.gate.onLease(target, request, lease));
        }),
      returnLease: ({ provider, model }, lease) =>
        host.toPrimary(this, () => host.authority.returnLease(this.id, provider, model, lease)),
      primaryLastMessageAtMs: () => host.clock.nowMs(),
      circuitOptions: () => quick,
    });
  }

  /** As over a real channel: one view at a time, and those that come meanwhile as one. */
  sendView(view: CircuitView): void {
    if (this.#viewOnItsWay) {
      this.#nextView = this.#nextView === null ? view : mergeViews(this.#nextView, view);
      return;
    }
    this.#viewOnItsWay = true;
    this.#host.toWorker(this, () => {
      this.gate.apply(view);
      this.#viewOnItsWay = false;
      const next = this.#nextView;
      this.#nextView = null;
      if (next !== null) this.sendView(next);
    });
  }

  async request(): Promise<void> {
    this.#requests += 1;
    const request = this.#requests;
    const model = this.#host.model();
    const { kind } = this.gate.state('openai', model, KEYS);
    if (kind === 'available') this.#attempt(model, request, null);
    if (kind !== 'probe-due') return;
    const target = { provider: 'openai', model };
    const lease = await this.gate.acquireProbe(target, request);
    if (lease === null || !this.alive) return;
    if (this.#host.changesItsMind()) this.gate.release(target, lease);
    else this.#attempt(model, request, lease);
  }

  die(): void {
    this.alive = false;
    for (const lease of this.#leases) this.#host.probeEnds(lease);
  }

  #attempt(model: Model, request: number, lease: number | null): void {
    const host = this.#host;
    const latencyMs = host.latency();
    const answer = host.answer(model, lease !== null);
    // One that hangs holds nobody up, so it does not count among those that are out.
    if (answer === null) return;
    if (lease !== null) {
      this.#leases.add(lease);
      host.probeStarts(this.#leased.get(lease) ?? [], lease);
    }
    host.clock.after(latencyMs, () => {
      if (!this.alive) return;
      const end = attemptEnded({ ...answer, request, model, seconds: latencyMs / 1000 });
      if (lease === null) return this.#send(end);
      this.#leases.delete(lease);
      host.probeEnds(lease);
      const succeeded = { type: 'probe-succeeded', provider: 'openai', lease } as const;
      if (answer.verdict === 'success') this.#send({ ...succeeded, model });
      else if (answer.providerVerdict === 'success') this.#send({ ...succeeded, model: null });
      this.#send({ ...end, lease });
    });
  }

  #send(event: WorkerEvent): void {
    this.#host.toPrimary(this, () => this.#host.authority.events(this.id, [event]));
  }
}

/** A small random generator with a seed, so that a failing run can be repeated. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What opens first, by what fails. */
const firstToOpen: Readonly<Record<Exclude<Fault, 'none'>, RegExp>> = {
  connections: /^provider open$/,
  one: /^m open$/,
  both: /^(?:provider|m|n) open$/,
};

describe('four workers and their primary', () => {
  it('probe each circuit once at a time, through deaths and slow messages, and close all when the provider is back', async () => {
    const faults = fc.constantFrom('connections' as const, 'one' as const, 'both' as const);
    const deaths = fc.array(fc.nat(WORKERS - 1), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), faults, deaths, fc.boolean(), async (seed, fault, slots, hangs) => {
        const host = new Host(randomOf(seed));
        const states = () => host.authority.targets().map(({ state, barred }) => (barred ? 'barred' : state));
        await host.run(300);
        expect(states()).to.deep.equal(['closed', 'closed']);

        host.fault = fault;
        await host.run(1_000);
        for (const slot of slots) {
          host.kill(slot);
          await host.run(400);
        }
        await host.run(1_000);
        expect(host.transitions[0]).to.match(firstToOpen[fault]);
        if (fault === 'one') expect(host.transitions.join()).to.not.match(/provider|n open/);

        host.hangsOnce = hangs;
        host.fault = 'none';
        // A probe that hangs keeps its circuit for less than five seconds.
        await host.run(hangs ? 10_000 : 4_000);
        expect(states()).to.deep.equal(['closed', 'closed']);
        expect(host.authority.view()).to.deep.include({ circuits: [], cooldowns: [] });
        expect(host.probes).to.be.at.least(1);
        expect(host.mostAtOnce).to.equal(1);
        for (const { gate } of host.workers) {
          for (const model of MODELS) expect(gate.state('openai', model, KEYS).kind).to.equal('available');
        }
      }),
      { numRuns: 40 },
    );
  });

  it('agree with their primary on every circuit at any moment at which nothing is under way', async () => {
    const faults = fc.array(fc.constantFrom<Fault>('none', 'connections', 'one', 'both'), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), faults, async (seed, list) => {
        const host = new Host(randomOf(seed));
        for (const fault of list) {
          host.fault = fault;
          await host.run(700);
          const open = new Map(host.authority.targets().map(({ model, state, barred }) => [model, { state, barred }]));
          const before = host.transitions.length;
          await host.run(300);
          // A view takes up to 120 ms, and waits for the one before; only what has not changed meanwhile can be compared.
          if (host.transitions.length !== before) continue;
          for (const { gate } of host.workers) {
            for (const model of MODELS) {
              const isClosed = open.get(model)?.state === 'closed' && open.get(model)?.barred === false;
              expect(gate.state('openai', model, KEYS).kind === 'available').to.equal(isClosed);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
