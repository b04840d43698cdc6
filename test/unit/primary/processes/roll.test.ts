import { expect } from 'chai';
import { describe, it } from 'mocha';
import { roll } from '../../../../src/primary/processes/roll.ts';

describe('a roll', () => {
  it('replaces one slot after the other and reports each outcome', async () => {
    const steps: string[] = [];
    const slots = [0, 1, 2].map((index) => ({
      index,
      replace: async () => {
        steps.push(`begin ${index}`);
        await Promise.resolve();
        steps.push(`end ${index}`);
        return index === 1 ? ('refilling' as const) : ('replaced' as const);
      },
    }));
    const reported: string[] = [];
    await roll(slots, (slot, outcome) => reported.push(`${slot} ${outcome}`));
    expect(steps).to.deep.equal(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
    expect(reported).to.deep.equal(['0 replaced', '1 refilling', '2 replaced']);
  });

  it('stops at the first successor that fails', async () => {
    const begun: number[] = [];
    const failure = new Error('not ready');
    const slots = [0, 1, 2].map((index) => ({
      index,
      replace: async () => {
        begun.push(index);
        if (index === 1) throw failure;
        return 'replaced' as const;
      },
    }));
    expect(await roll(slots, () => undefined).catch((error: unknown) => error)).to.equal(failure);
    expect(begun).to.deep.equal([0, 1]);
  });
});
