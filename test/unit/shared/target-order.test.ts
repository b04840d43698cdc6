/** The order in which a request tries the targets of its model, against what is promised of every order. */
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { Balance } from '../../../src/shared/config.ts';
import { type OrderedBy, orderTargets } from '../../../src/shared/target-order.ts';

const balances: readonly Balance[] = ['order', 'weighted', 'latency', 'load'];

/** Numbers from 0 to before 1 that a seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function by(targets: OrderedBy['targets'], more: Partial<OrderedBy> = {}): OrderedBy {
  return {
    targets,
    balance: 'order',
    sessionRank: null,
    random: seeded(1),
    latencyMs: () => null,
    inFlight: () => 0,
    ...more,
  };
}

const target = (level: number, weight = 1) => ({ level, weight });

/** Targets by level, as the configuration has them. */
const anyTargets = fc
  .array(fc.record({ level: fc.nat(3), weight: fc.double({ min: 1e-9, max: 1e6, noNaN: true }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((targets) => targets.sort((one, other) => one.level - other.level));

const anyOrder = fc.record({
  targets: anyTargets,
  balance: fc.constantFrom(...balances),
  seed: fc.integer(),
  latencies: fc.array(fc.option(fc.nat(10_000)), { minLength: 12, maxLength: 12 }),
  loads: fc.array(fc.nat(1_000), { minLength: 12, maxLength: 12 }),
  ranks: fc.option(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 12, maxLength: 12 })),
});

describe('the order of targets', () => {
  it('has each target once, by level, whatever balances them', () => {
    fc.assert(
      fc.property(anyOrder, ({ targets, balance, seed, latencies, loads, ranks }) => {
        const order = orderTargets({
          targets,
          balance,
          random: seeded(seed),
          sessionRank: ranks === null ? null : (index) => ranks[index] ?? 0,
          latencyMs: (index) => latencies[index] ?? null,
          inFlight: (index) => loads[index] ?? 0,
        });
        expect([...order].sort((one, other) => one - other)).to.deep.equal([...targets.keys()]);
        const levels = order.map((index) => targets[index]?.level ?? -1);
        expect(levels).to.deep.equal([...levels].sort((one, other) => one - other));
      }),
    );
  });

  it('is that of the list where targets are only ordered, within a level too', () => {
    expect(orderTargets(by([target(0), target(1), target(1), target(2)]))).to.deep.equal([0, 1, 2, 3]);
  });

  it('begins with each target as often as its weight says, and goes on with the rest likewise', () => {
    const random = seeded(7);
    const targets = [target(0, 1), target(0, 3), target(0, 6), target(1)];
    const rounds = 20_000;
    const first = [0, 0, 0, 0];
    let secondOfOthers = 0;
    let withoutLast = 0;
    for (let round = 0; round < rounds; round += 1) {
      const [one = -1, two = -1] = orderTargets(by(targets, { balance: 'weighted', random }));
      first[one] = (first[one] ?? 0) + 1;
      if (one !== 2) continue;
      withoutLast += 1;
      if (two === 1) secondOfOthers += 1;
    }
    const shares = first.map((count) => count / rounds);
    for (const [index, share] of [0.1, 0.3, 0.6, 0].entries()) expect(shares[index]).to.be.closeTo(share, 0.015);
    expect(secondOfOthers / withoutLast).to.be.closeTo(0.75, 0.015);
  });

  it('begins with the least latency, and before that with targets of which nothing is known', () => {
    const latencies = [300, null, 100, 50];
    const latencyMs = (index: number) => latencies[index] ?? null;
    const targets = [target(0), target(0), target(0), target(1)];
    expect(orderTargets(by(targets, { balance: 'latency', latencyMs }))).to.deep.equal([1, 2, 0, 3]);
  });

  it('begins with the fewest requests in flight for the weight of a target', () => {
    const loads = [4, 9, 0];
    const inFlight = (index: number) => loads[index] ?? 0;
    expect(orderTargets(by([target(0), target(0, 3), target(1)], { balance: 'load', inFlight }))).to.deep.equal([
      1, 0, 2,
    ]);
    expect(orderTargets(by([target(0), target(0, 3), target(1)], { balance: 'load' }))).to.deep.equal([1, 0, 2]);
  });

  it('is by the ranks of a session before any balance, within each level', () => {
    const ranks = [0.1, 0.9, 0.5, 0.7];
    const sessionRank = (index: number) => ranks[index] ?? 0;
    const targets = [target(0), target(0), target(1), target(1)];
    for (const balance of balances) {
      expect(orderTargets(by(targets, { balance, sessionRank }))).to.deep.equal([1, 0, 3, 2]);
    }
  });
});
