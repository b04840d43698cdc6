import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { temporaryFolder } from '../../../../scripts/processes/temporary-folder.ts';
import { exactSeconds, type WorkerEvent } from '../../../../src/shared/events.ts';
import type { MetricJson } from '../../../../src/shared/metrics/prom.ts';
import { everything, ledgerIn } from '../../../helpers/ledger.ts';
import { folded, requestEnded, series } from '../../../helpers/numbers.ts';
import { SimulatedWorker } from '../../../helpers/simulated-worker.ts';

const SLOTS = 2;

const event: fc.Arbitrary<WorkerEvent> = fc.oneof(
  fc
    .record({
      provider: fc.constantFrom('openai', 'anthropic'),
      status: fc.constantFrom('success', 'error'),
      seconds: fc.double({ min: 0, max: 90_000, noNaN: true }).map(exactSeconds),
    })
    .map((parts) => requestEnded(parts)),
  fc.constant({ type: 'retry', provider: 'openai' } as const),
  fc.nat(5000).map(
    (count) =>
      ({
        type: 'tokens',
        provider: 'openai',
        model: 'gpt-4',
        key: 'default',
        nanoUsd: null,
        counts: { output: count },
      }) as const,
  ),
);

/** What happens to the worker of a slot, or between it and the ledger. */
const step = fc.record({
  slot: fc.nat(SLOTS - 1),
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constant('count' as const) },
    { weight: 3, arbitrary: fc.constant('read-events' as const) },
    { weight: 2, arbitrary: fc.constantFrom('snapshot', 'read-snapshot', 'count-dropped', 'repeat') },
    { weight: 1, arbitrary: fc.constantFrom('die', 'end') },
  ),
  events: fc.array(event, { minLength: 1, maxLength: 5 }),
  pick: fc.nat(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Steps of one burst follow each other before the ledger can end what they made it begin. */
function bursts(steps: fc.Arbitrary<Step>): fc.Arbitrary<Step[][]> {
  return fc.array(fc.array(steps, { minLength: 1, maxLength: 6 }), { maxLength: 15 });
}

/** A ledger, the workers before it, and a plain account of what it has been told. */
class World {
  readonly ledger;
  readonly #workers: SimulatedWorker[] = [];
  /** Per worker, the numbers that the ledger was told, by event or by snapshot. */
  readonly #told = new Map<SimulatedWorker, Set<number>>();
  #born = 0;

  constructor(folder: string, maxTailEvents: number) {
    this.ledger = ledgerIn(folder, { maxTailEvents }).ledger;
    for (let slot = 0; slot < SLOTS; slot += 1) this.#fork(slot);
  }

  async take({ slot, act, events, pick }: Step): Promise<void> {
    const worker = this.#workers[slot];
    if (worker === undefined) throw new Error('no such slot');
    switch (act) {
      case 'count':
        return worker.count(events, false);
      case 'count-dropped':
        return worker.count(events, true);
      case 'snapshot':
        return worker.snapshot();
      case 'read-events':
        return this.#readEvents(worker);
      case 'read-snapshot':
        return this.#readSnapshot(worker);
      case 'repeat': {
        const message = worker.read[pick % Math.max(1, worker.read.length)];
        if (message !== undefined) this.ledger.events(worker.id, message.first, message.events);
        return;
      }
      case 'die':
        return this.#close(worker, slot, pick);
      case 'end':
        await worker.snapshot();
        return this.#close(worker, slot, pick);
      default:
        act satisfies never;
    }
  }

  /** Every event that the ledger was told of. */
  expected(): Promise<MetricJson[]> {
    const events = [...this.#told].flatMap(([worker, numbers]) =>
      [...numbers].flatMap((number) => worker.counted[number - 1] ?? []),
    );
    return folded(events);
  }

  /** All that was ever counted. */
  everCounted(): Promise<MetricJson[]> {
    return folded([...this.#told.keys()].flatMap(({ counted }) => counted));
  }

  #fork(slot: number): void {
    this.#born += 1;
    const worker = new SimulatedWorker(`worker-${this.#born}`);
    this.#workers[slot] = worker;
    this.#told.set(worker, new Set());
    this.ledger.open(worker.id, slot, process.pid);
  }

  #readEvents(worker: SimulatedWorker): void {
    const message = worker.messages.shift();
    if (message === undefined) return;
    worker.read.push(message);
    this.ledger.events(worker.id, message.first, message.events);
    for (const index of message.events.keys()) this.#told.get(worker)?.add(message.first + index);
  }

  #readSnapshot(worker: SimulatedWorker): void {
    const snapshot = worker.snapshots.shift();
    if (snapshot === undefined) return;
    this.ledger.snapshot(snapshot);
    for (let number = 1; number <= snapshot.sequence; number += 1) this.#told.get(worker)?.add(number);
  }

  /** Its pipes are read to their end, in some order, before its account is closed; repetitions may still come later. */
  async #close(worker: SimulatedWorker, slot: number, pick: number): Promise<void> {
    while (worker.messages.length + worker.snapshots.length > 0) {
      if (pick % 2 === 0 && worker.messages.length > 0) this.#readEvents(worker);
      else this.#readSnapshot(worker);
      if (worker.snapshots.length === 0) this.#readEvents(worker);
    }
    const closed = this.ledger.close(worker.id);
    if (pick % 3 === 0) await closed;
    const [message] = worker.read;
    if (message !== undefined) this.ledger.events(worker.id, message.first, message.events);
    this.#fork(slot);
  }
}

/** Fails when a counter or a line of a histogram is less than before, be it by one bit. */
function expectNoDecrease(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): void {
  for (const [name, value] of before) expect(now.get(name) ?? 0, name).to.be.at.least(value);
}

function withoutProcess(all: readonly MetricJson[]): Map<string, number> {
  return series(all.filter(({ name }) => name !== 'process_cpu_seconds_total'));
}

async function run(
  bursts: readonly (readonly Step[])[],
  maxTailEvents: number,
  check: (now: readonly MetricJson[], world: World) => Promise<void>,
): Promise<World> {
  const temporary = temporaryFolder();
  try {
    const world = new World(temporary.folder, maxTailEvents);
    let before = new Map<string, number>();
    for (const burst of bursts) {
      for (const step of burst) await world.take(step);
      const now = await everything(world.ledger);
      expectNoDecrease(before, series(now));
      await check(now, world);
      before = series(now);
    }
    return world;
  } finally {
    temporary.remove();
  }
}

const runs = { numRuns: 100 };

describe('MetricsLedger, whatever happens in whatever order', () => {
  it('counts exactly what it was told, each number once, and never goes down', async () => {
    const property = fc.asyncProperty(bursts(step), async (bursts) => {
      await run(bursts, 10_000, async (now, world) => {
        expect(withoutProcess(now)).to.deep.equal(series(await world.expected()));
      });
    });
    await fc.assert(property, runs);
  });

  it('does so too while tails are folded into bases', async () => {
    const kept = step.filter(({ act }) => act !== 'count-dropped');
    const property = fc.asyncProperty(bursts(kept), async (bursts) => {
      await run(bursts, 4, async (now, world) => {
        expect(withoutProcess(now)).to.deep.equal(series(await world.expected()));
      });
    });
    await fc.assert(property, runs);
  });

  it('has counted everything that ever happened once all workers have ended orderly, drops included', async () => {
    const orderly = step.filter(({ act }) => act !== 'die');
    const property = fc.asyncProperty(bursts(orderly), async (bursts) => {
      const ends = Array.from({ length: SLOTS }, (_, slot) => ({ slot, act: 'end' as const, events: [], pick: 0 }));
      const world = await run([...bursts, ends], 4, async () => undefined);
      expect(withoutProcess(await everything(world.ledger))).to.deep.equal(series(await world.everCounted()));
    });
    await fc.assert(property, runs);
  });
});
