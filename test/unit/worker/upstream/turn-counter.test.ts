import { expect } from 'chai';
import { describe, it } from 'mocha';
import { TurnCounter } from '../../../../src/worker/upstream/turn-counter.ts';

/** Which of the chunks, from 1, end a turn. */
function ends(turn: TurnCounter, chunks: number, bytes: number): number[] {
  return Array.from({ length: chunks }, (_, index) => index + 1).filter(() => turn.isOver(bytes));
}

describe('a turn', () => {
  it('is over after so many bytes, and then begins anew', () => {
    expect(ends(new TurnCounter(100), 7, 40)).to.deep.equal([3, 6]);
  });

  it('is over after 2,048 chunks, however small they are', () => {
    expect(ends(new TurnCounter(1024 * 1024), 5_000, 1)).to.deep.equal([2048, 4096]);
  });

  it('is over with a chunk that is all of it', () => {
    expect(ends(new TurnCounter(100), 2, 100)).to.deep.equal([1, 2]);
  });
});
