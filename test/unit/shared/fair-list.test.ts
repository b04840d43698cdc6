import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { FairList } from '../../../src/shared/fair-list.ts';

interface Entry {
  readonly kind: string;
  readonly atMs: number;
}

const listOf = (most: number) => new FairList<Entry>({ most, kindOf: ({ kind }) => kind, atMsOf: ({ atMs }) => atMs });

function countsOf(entries: readonly Entry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

const entries = fc.array(fc.record({ kind: fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', 'd'), atMs: fc.nat(50) }), {
  maxLength: 80,
});

describe('a fair list', () => {
  it('is bounded and in order of time, and what has lost one has as many as the most numerous, whatever comes', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 20 }), (added, most) => {
        const list = listOf(most);
        const lost = new Set<string>();
        for (const entry of added) {
          const dropped = list.add(entry);
          if (dropped !== null) lost.add(dropped.kind);
          const kept = list.entries();
          expect(kept.length).to.equal(list.size).and.to.be.at.most(most);
          expect(kept).to.deep.equal(kept.toSorted((one, other) => one.atMs - other.atMs));
          const counts = countsOf(kept);
          const largest = Math.max(...counts.values());
          for (const kind of lost) expect(counts.get(kind) ?? 0).to.be.at.least(largest - 1);
        }
        expect(list.size).to.equal(Math.min(most, added.length));
      }),
      { numRuns: 40 },
    );
  });

  it('keeps of each kind the newest, where they come by time', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 30 }), (added, most) => {
        const list = listOf(most);
        const sorted = added.toSorted((one, other) => one.atMs - other.atMs);
        for (const entry of sorted) list.add(entry);
        for (const [kind, count] of countsOf(list.entries())) {
          const all = sorted.filter((entry) => entry.kind === kind);
          expect(list.entries().filter((entry) => entry.kind === kind)).to.deep.equal(all.slice(-count));
        }
      }),
    );
  });

  it('tells which one had to go: the new one too, if it is the oldest of the most numerous kind', () => {
    const list = listOf(3);
    const first = { kind: 'a', atMs: 10 };
    expect([list.add(first), list.add({ kind: 'b', atMs: 1 }), list.add({ kind: 'a', atMs: 12 })]).to.deep.equal([
      null,
      null,
      null,
    ]);
    expect(list.add({ kind: 'a', atMs: 13 })).to.equal(first);
    const late = { kind: 'a', atMs: 2 };
    expect(list.add(late)).to.equal(late);
    expect(list.entries().map(({ atMs }) => atMs)).to.deep.equal([1, 12, 13]);
  });

  it('keeps the newest where each is of a kind of its own', () => {
    const list = listOf(3);
    for (let atMs = 0; atMs < 10; atMs += 1) list.add({ kind: String(atMs), atMs });
    expect(list.entries().map(({ atMs }) => atMs)).to.deep.equal([7, 8, 9]);
  });

  it('is empty when all are taken', () => {
    const list = listOf(2);
    for (const kind of ['a', 'a', 'b']) list.add({ kind, atMs: 0 });
    expect(list.takeAll()).to.have.length(2);
    expect(list.size).to.equal(0);
    for (const kind of ['a', 'b']) list.add({ kind, atMs: 0 });
    expect(list.size).to.equal(2);
  });
});
