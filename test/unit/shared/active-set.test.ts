import { expect } from 'chai';
import fc from 'fast-check';
import { type ActiveItem, ActiveSet } from '../../../src/shared/active-set.ts';

class Item implements ActiveItem {
  place = 0;
}

describe('an active set', () => {
  it('holds the same items as a Set, for any additions and deletions', () => {
    const step = fc.record({ act: fc.constantFrom('add', 'delete'), pick: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const items = Array.from({ length: 10 }, () => new Item());
        const activeSet = new ActiveSet<Item>();
        const model = new Set<Item>();
        for (const { act, pick } of steps) {
          const item = items[pick] ?? new Item();
          if (act === 'delete') expect(activeSet.delete(item)).to.equal(model.delete(item));
          else if (!model.has(item)) {
            activeSet.add(item);
            model.add(item);
          }
          expect(activeSet.size).to.equal(model.size);
          expect(activeSet.all()).to.have.members([...model]);
        }
      }),
    );
  });

  it('returns a list that does not change later', () => {
    const activeSet = new ActiveSet<Item>();
    const [one, other] = [new Item(), new Item()];
    activeSet.add(one);
    activeSet.add(other);
    const list = activeSet.all();
    activeSet.delete(one);
    expect(list).to.deep.equal([one, other]);
    expect(activeSet.all()).to.deep.equal([other]);
  });
});
