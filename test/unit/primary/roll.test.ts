import { expect } from 'chai';
import { describe, it } from 'mocha';
import { roll } from '../../../src/primary/roll.ts';

describe('a roll', () => {
  it('replaces one slot after the other', async () => {
    const steps: string[] = [];
    const slots = [0, 1, 2].map((index) => ({
      index,
      replace: async () => {
        steps.push(`begin ${index}`);
        await Promise.resolve();
        steps.push(`end ${index}`);
      },
    }));
    const replaced: number[] = [];
    await roll(slots, (slot) => replaced.push(slot));
    expect(steps).to.deep.equal(['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']);
    expect(replaced).to.deep.equal([0, 1, 2]);
  });

  it('stops at the first successor that fails', async () => {
    const begun: number[] = [];
    const failure = new Error('not ready');
    const slots = [0, 1, 2].map((index) => ({
      index,
      replace: async () => {
        begun.push(index);
        if (index === 1) throw failure;
      },
    }));
    expect(await roll(slots, () => undefined).catch((error: unknown) => error)).to.equal(failure);
    expect(begun).to.deep.equal([0, 1]);
  });
});
