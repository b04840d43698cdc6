import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { CircuitAuthority } from '../../src/primary/circuits/circuit-authority.ts';
import type { WorkerEvent } from '../../src/shared/events.ts';
import { CircuitGate } from '../../src/worker/circuits/circuit-gate.ts';
import { attemptEnded, configOf, providerConfig } from '../helpers/circuit-fixtures.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { circuitOptions } from '../helpers/test-config.ts';

const quick = { ...circuitOptions, windowMs: 5_000, openForMs: 400, maxOpenForMs: 1_600 };
const WORKERS = 4;

/** One gateway in simulated time: an authority, four gates, and messages that are delayed but keep their order. */
class Host {
  readonly clock = new ManualClock();
  readonly authority: CircuitAuthority;
  readonly #random: () => number;
  readonly #workers = new Map<number, SimulatedWorker>();
  readonly #arrivals = new Map<string, number>();
  #started = 0;
  providerWorks = true;
  probesInFlight = 0;
  mostProbesInFlight = 0;
  probes = 0;
  transitions: string[] = [];

  constructor(random: () => number) {
    this.#random = random;
    this.authority = new CircuitAuthority({
      config: configOf(providerConfig('openai', { circuit: quick })),
      clock: this.clock,
      random,
      broadcast: (view) => {
        for (const worker of this.#workers.values()) this.toWorker(worker, () => worker.gate.apply(view));
      },
      changed: (_, to) => this.transitions.push(to),
    });
    for (let slot = 0; slot < WORKERS; slot += 1) this.start(slot);
  }

  get workers(): readonly SimulatedWorker[] {
    return [...this.#workers.values()];
  }

  start(slot: number): void {
    this.#started += 1;
    const worker = new SimulatedWorker(this, `w${this.#started}`);
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

  /** Whether the client leaves between the lease and the attempt. */
  clientLeaves(): boolean {
    return this.#random() < 0.1;
  }

  probeStarts(): void {
    this.probes += 1;
    this.probesInFlight += 1;
    this.mostProbesInFlight = Math.max(this.mostProbesInFlight, this.probesInFlight);
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
  #probing = 0;

  constructor(host: Host, id: string) {
    this.#host = host;
    this.id = id;
    this.gate = new CircuitGate({
      clock: host.clock,
      requestLease: (provider, request) =>
        host.toPrimary(this, () => {
          const lease = host.authority.requestLease(this.id, provider);
          host.toWorker(this, () => this.gate.onLease(provider, request, lease));
        }),
      returnLease: (provider, lease) =>
        host.toPrimary(this, () => host.authority.returnLease(this.id, provider, lease)),
      primaryHeardAtMs: () => host.clock.nowMs(),
      circuitOptions: () => quick,
    });
  }

  async request(): Promise<void> {
    this.#requests += 1;
    const request = this.#requests;
    const { kind } = this.gate.state('openai', 'm');
    if (kind === 'available') this.#attempt(request, null);
    if (kind !== 'probe-due') return;
    const lease = await this.gate.acquireProbe('openai', request);
    if (lease === null || !this.alive) return;
    if (this.#host.clientLeaves()) this.gate.release('openai', lease);
    else this.#attempt(request, lease);
  }

  die(): void {
    this.alive = false;
    this.#host.probesInFlight -= this.#probing;
    this.#probing = 0;
  }

  #attempt(request: number, lease: number | null): void {
    const host = this.#host;
    const latencyMs = host.latency();
    if (lease !== null) {
      this.#probing += 1;
      host.probeStarts();
    }
    host.clock.after(latencyMs, () => {
      if (!this.alive) return;
      const verdict = host.providerWorks ? 'success' : 'failure';
      const end = {
        request,
        verdict,
        seconds: latencyMs / 1000,
        outcome: verdict === 'success' ? 'success' : 'server_error',
      } as const;
      if (lease === null) return this.#send(attemptEnded(end));
      this.#probing -= 1;
      host.probesInFlight -= 1;
      if (verdict === 'success') this.#send({ type: 'probe-committed', provider: 'openai', lease });
      this.#send(attemptEnded({ ...end, lease }));
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

describe('four workers and their primary', () => {
  it('send one probe at a time despite deaths and slow messages, and close when it works again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(fc.nat(WORKERS - 1), { maxLength: 4 }), async (seed, deaths) => {
        const host = new Host(randomOf(seed));
        await host.run(300);
        expect(host.authority.status()[0]).to.include({ state: 'closed' });

        host.providerWorks = false;
        await host.run(1_000);
        for (const slot of deaths) {
          host.kill(slot);
          await host.run(400);
        }
        await host.run(1_000);
        expect(host.transitions.slice(0, 2)).to.deep.equal(['open', 'half-open']);

        host.providerWorks = true;
        await host.run(4_000);
        expect(host.authority.status()[0]).to.include({ state: 'closed' });
        expect(host.probes).to.be.at.least(1);
        expect(host.mostProbesInFlight).to.equal(1);
        for (const worker of host.workers) expect(worker.gate.state('openai', 'm').kind).to.equal('available');
      }),
      { numRuns: 25 },
    );
  });
});
