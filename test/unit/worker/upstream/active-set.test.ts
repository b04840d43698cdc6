import { expect } from 'chai';
import fc from 'fast-check';
import { type Listed, Roster } from '../../../../src/worker/upstream/active-set.ts';

class Item implements Listed {
  place = 0;
}

describe('a roster', () => {
  it('holds what a set would, whatever enters and leaves', () => {
    const step = fc.record({ act: fc.constantFrom('add', 'delete'), pick: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const items = Array.from({ length: 10 }, () => new Item());
        const roster = new Roster<Item>();
        const model = new Set<Item>();
        for (const { act, pick } of steps) {
          const item = items[pick] ?? new Item();
          if (act === 'delete') expect(roster.delete(item)).to.equal(model.delete(item));
          else if (!model.has(item)) {
            roster.add(item);
            model.add(item);
          }
          expect(roster.size).to.equal(model.size);
          expect(roster.all()).to.have.members([...model]);
        }
      }),
    );
  });

  it('gives a list that stays as it is', () => {
    const roster = new Roster<Item>();
    const [one, other] = [new Item(), new Item()];
    roster.add(one);
    roster.add(other);
    const list = roster.all();
    roster.delete(one);
    expect(list).to.deep.equal([one, other]);
    expect(roster.all()).to.deep.equal([other]);
  });
});
